using System.Globalization;
using System.Text.RegularExpressions;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Routing;

namespace Wherry.Compose.Reading;

/// <summary><c>x-wherry.canary</c>.</summary>
internal static partial class CanaryReader
{
    private const long MostMirrored = 1 << 20;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <param name="field">Its value.</param>
    /// <param name="spec">The service, with its volumes and ports.</param>
    /// <param name="routed">It has a route.</param>
    /// <param name="deploy">What <c>x-wherry.deploy</c> says.</param>
    public static CanarySpec? Read(Field? field, ServiceSpec spec, bool routed, DeploySpec deploy)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var canary = new CanarySpec
        {
            Stages = ReadStages(f["stages"]),
            Cookie = ReadName(f["cookie"]),
            Header = ReadName(f["header"]),
            Allow = f["allow"]?.Texts() ?? [],
            Guard = ReadGuard(f["guard"]),
            Mirror = ReadMirror(f["mirror"]),
        };
        Check(f, canary);
        if (!routed)
        {
            field.Wrong("a service without a route has no visitors to share out", "Give it a route, or use deploy: { canary: 1 }.");
        }
        else if (UpdateOrder.Of(spec with { Deploy = deploy }) == DeployStrategy.Recreate)
        {
            field.Wrong("a share needs old and new replicas beside one another, and this service's old ones are stopped first", "Set deploy: { strategy: rolling } where two may run at once, or remove canary.");
        }

        f.Close();
        return canary;
    }

    private static void Check(Fields f, CanarySpec canary)
    {
        if (!f.Has("stages"))
        {
            f.Wrong("compose/value", "needs stages", "Write them, for instance stages: [5% for 10m, 25%].");
        }

        if (canary is { Cookie: not null, Header: not null })
        {
            f["header"]!.Wrong("there is a cookie and a header", "Keep the one that tells visitors apart.");
        }

        if (canary is { Allow.Count: > 0, Cookie: null, Header: null })
        {
            f["allow"]!.Wrong("needs the cookie or header whose values these are", "Write cookie: or header: with its name.");
        }

        if (canary.Allow.Count == 0 && canary.Stages.Any(s => s is { Share: 0 }))
        {
            f["stages"]!.Wrong("0% of the visitors, and nobody is named in allow", "Give it a share, or name somebody in allow.");
        }
    }

    private static List<CanaryStage> ReadStages(Field? field)
    {
        List<CanaryStage> stages = [];
        foreach (var item in field?.ItemOrItems() ?? [])
        {
            if (ReadStage(item, stages.LastOrDefault()) is not { } stage)
            {
                continue;
            }

            if (stages is [.., { Mirrored: false, Share: 100 }])
            {
                item.Wrong("stands behind 100%, which is the end", "Remove it.");
            }

            stages.Add(stage);
        }

        // All visitors at once is what comes behind the last stage anyway.
        return stages is [.., { Mirrored: false, Share: 100, For: null }] ? stages[..^1] : stages;
    }

    private static CanaryStage? ReadStage(Field item, CanaryStage? before)
    {
        if (item.Text() is not { } text)
        {
            return null;
        }

        var match = StageShape().Match(text);
        if (!match.Success || !double.TryParse(match.Groups["share"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) || share > 100)
        {
            item.Wrong($"{item.Shown} is not a stage", "Write 5% for 10m, or 25%, or mirror 10% for 1h.");
            return null;
        }

        TimeSpan? time = null;
        if (match.Groups["time"] is { Success: true } written && ((time = ComposeDuration.Parse(written.Value)) is null || time < Shortest || time > Longest))
        {
            item.Wrong($"{item.Shown} is not for a time between 1 s and 7 d", "Write it with its unit, for instance 5% for 10m.");
            return null;
        }

        var stage = new CanaryStage(share, time, match.Groups["mirror"].Success);
        if (stage is { Mirrored: false, Share: 100, For: not null })
        {
            item.Wrong("100% is the end, which has no time", "Write 100%, or leave it out.");
        }
        else if (before is { Mirrored: false } && (stage.Mirrored || stage.Share <= before.Share))
        {
            item.Wrong(stage.Mirrored ? "mirrors after visitors have been given to the new release" : $"{item.Shown} is not more than the stage before it", "Mirror first, then let the shares grow.");
        }

        return stage;
    }

    private static CanaryGuard? ReadGuard(Field? field)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var guard = new CanaryGuard
        {
            Errors = ReadPercent(f["errors"]),
            P95 = DeployReader.ReadTime(f["p95"], TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            Restarts = (int?)f["restarts"]?.Int(0, 100),
            Requests = (int)(f["requests"]?.Int(1, 1_000_000) ?? new CanaryGuard().Requests),
        };
        if (!f.Has("errors") && !f.Has("p95") && !f.Has("restarts"))
        {
            f.Wrong("compose/value", "guards nothing", "Give it errors, p95 or restarts.");
        }

        f.Close();
        return guard;
    }

    private static CanaryMirror ReadMirror(Field? field)
    {
        var standard = new CanaryMirror();
        if (field?.Map() is not { } f)
        {
            return standard;
        }

        var mirror = new CanaryMirror { MaxBody = f["max_body"]?.Size(), Methods = f["methods"]?.Texts() ?? standard.Methods };
        if (mirror.MaxBody?.Bytes > MostMirrored)
        {
            f["max_body"]!.Wrong($"{f["max_body"]!.Shown} is more than 1m", "Copies are kept in memory: use at most 1m.");
        }

        if (mirror.Methods.FirstOrDefault(m => !MethodShape().IsMatch(m)) is { } wrong)
        {
            f["methods"]!.Wrong($"{Core.Problems.Problem.Quoted(wrong)} is not a method", "Write them as GET, HEAD, POST.");
        }

        f.Close();
        return mirror;
    }

    private static string? ReadName(Field? field)
    {
        var name = field?.Filled();
        if (name is null || RouteRulesCheck.IsToken(name))
        {
            return name;
        }

        field!.Wrong($"{field.Shown} is not the name of a cookie or header", "Use letters, digits and - _ .");
        return null;
    }

    private static double? ReadPercent(Field? field)
    {
        if (field?.Text() is not { } text)
        {
            return null;
        }

        if (double.TryParse(text.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100)
        {
            return percent;
        }

        field.Wrong($"{field.Shown} is not a share", "Write it in percent, for instance 1%.");
        return null;
    }

    [GeneratedRegex(@"\A(?<mirror>mirror )?(?<share>\d{1,3}(\.\d{1,4})?) ?%( for (?<time>\S+))?\z")]
    private static partial Regex StageShape();

    [GeneratedRegex(@"\A[A-Z]{1,32}\z")]
    private static partial Regex MethodShape();
}
