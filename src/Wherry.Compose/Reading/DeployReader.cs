using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>x-wherry.deploy</c>.</summary>
internal static class DeployReader
{
    private static readonly TimeSpan LongestDrain = TimeSpan.FromHours(1);

    public static DeploySpec Read(Field? field, ServiceSpec spec)
    {
        var standard = spec.Deploy;
        if (field?.Map() is not { } f)
        {
            return standard;
        }

        DeployStrategy? strategy = f["strategy"]?.OneOf("rolling", "blue-green", "recreate") switch
        {
            "rolling" => DeployStrategy.Rolling,
            "blue-green" => DeployStrategy.BlueGreen,
            "recreate" => DeployStrategy.Recreate,
            _ => standard.Strategy,
        };
        var deploy = new DeploySpec
        {
            Strategy = strategy,
            Surge = (int)(f["surge"]?.Int(1, 100) ?? standard.Surge),
            Drain = f["drain"] is { } drain ? ReadDrain(drain) ?? standard.Drain : standard.Drain,
            Keep = (int)(f["keep"]?.Int(0, 100) ?? standard.Keep),
            ProgressDeadline = ReadTime(f["progress_deadline"], TimeSpan.FromSeconds(1), TimeSpan.FromHours(24)) ?? standard.ProgressDeadline,
            Monitor = ReadTime(f["monitor"], TimeSpan.Zero, TimeSpan.FromHours(1)) ?? standard.Monitor,
            FailureAction = ReadAction(f["failure_action"]) ?? standard.FailureAction,
            Canary = (int)(f["canary"]?.Int(0, 100) ?? standard.Canary),
            AutoPromote = f["auto_promote"]?.Bool() ?? standard.AutoPromote,
            Heal = f["heal"]?.Bool() ?? standard.Heal,
        };
        Check(f, deploy, spec);
        f.Close();
        return deploy;
    }

    public static FailureAction? ReadAction(Field? field) => field?.OneOf("rollback", "pause", "continue") switch
    {
        "rollback" => FailureAction.Rollback,
        "pause" => FailureAction.Pause,
        "continue" => FailureAction.Continue,
        _ => null,
    };

    public static TimeSpan? ReadTime(Field? field, TimeSpan least, TimeSpan most)
    {
        var time = field?.Duration();
        if (time is null || (time >= least && time <= most))
        {
            return time;
        }

        field!.Wrong($"{field.Shown} is not between {(least > TimeSpan.Zero && least < TimeSpan.FromSeconds(1) ? $"{least.TotalMilliseconds:0} ms" : $"{least.TotalSeconds:0} s")} and {most.TotalHours:0} h", "Use a duration within these bounds.");
        return null;
    }

    private static void Check(Fields f, DeploySpec deploy, ServiceSpec spec)
    {
        if (deploy.Strategy is DeployStrategy.BlueGreen or DeployStrategy.Recreate && f["surge"] is { } surge)
        {
            surge.Wrong("surge is for the strategy rolling", "Remove it, or set strategy: rolling.");
        }

        if (deploy is { Canary: > 0, Strategy: DeployStrategy.Recreate })
        {
            (f["canary"] ?? f["strategy"])!.Wrong("a canary serves beside the old replicas, which strategy recreate stops first", "Remove canary, or use another strategy.");
        }

        if (deploy.AutoPromote && deploy.Canary == 0)
        {
            f["auto_promote"]?.Wrong("there is no canary to promote", "Set canary: 1, or remove auto_promote.");
        }

        if (f.Has("strategy") && deploy.Strategy is DeployStrategy.BlueGreen or DeployStrategy.Rolling && spec.Ports.FirstOrDefault(p => p.HostPort is not null && !p.IsForEdge()) is { } port)
        {
            f["strategy"]!.Wrong(
                $"a new replica cannot start beside the old one while host port {port.HostPort}/{port.Protocol} is bound",
                "Use strategy: recreate, or leave the host's port out.");
        }
    }

    private static TimeSpan? ReadDrain(Field field)
    {
        var time = field.Duration();
        if (time is null || time <= LongestDrain)
        {
            return time;
        }

        field.Wrong($"{field.Shown} is longer than 1h", "Use a duration from 0 to 1h.");
        return null;
    }
}
