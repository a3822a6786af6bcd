using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>pull_policy</c>, <c>post_start</c> and <c>pre_stop</c>.</summary>
internal static class LifecycleReader
{
    private const string Every = "every_";

    public static PullPolicy? ReadPull(Fields f)
    {
        var age = f["pull_refresh_after"]?.Duration();
        if (f["pull_policy"] is not { } field || field.Stated() is not { } text)
        {
            return null;
        }

        if (text is "build" && !f.Has("build"))
        {
            field.Wrong("there is nothing to build", "Write build:, or another pull_policy.");
        }

        var policy = text switch
        {
            "missing" or "if_not_present" or "build" => null,
            "always" => new PullPolicy(PullWhen.Always),
            "never" => new PullPolicy(PullWhen.Never),
            "daily" => new PullPolicy(PullWhen.Aged, TimeSpan.FromDays(1)),
            "weekly" => new PullPolicy(PullWhen.Aged, TimeSpan.FromDays(7)),
            "refresh" when age is not null => new PullPolicy(PullWhen.Aged, age),
            _ when text.StartsWith(Every, StringComparison.Ordinal) && ComposeDuration.Parse(text[Every.Length..]) is { } every => new PullPolicy(PullWhen.Aged, every),
            _ => Wrong(field),
        };
        if (policy is not null && f.Has("build"))
        {
            field.Warn("compose/no-effect", "pull_policy has no effect: the image is built");
            return null;
        }

        return policy;
    }

    public static IReadOnlyList<Hook>? ReadHooks(Field? field) => Lists.Filled(field, item =>
    {
        if (item.Map() is not { } f)
        {
            return null;
        }

        var command = f["command"]?.Words() ?? [];
        var hook = new Hook(command, f["user"]?.Stated(), f["privileged"]?.Bool() ?? false, f["working_dir"]?.Stated(), f["environment"]?.Pairs() ?? []);
        if (command.Count == 0)
        {
            f.Wrong("compose/value", "needs a command", "Write command: with what is to run in the container.");
        }

        f.Close();
        return hook;
    });

    private static PullPolicy? Wrong(Field field)
    {
        field.Wrong($"{field.Shown} is not a pull_policy", "Use always, missing, never, build, daily, weekly, every_12h, or refresh with pull_refresh_after.");
        return null;
    }
}
