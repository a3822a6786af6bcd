using System.CommandLine;
using Wherry.Cli.Frame;

namespace Wherry.Cli.Services;

/// <summary>Who gets through while a service is closed, and for how long it is.</summary>
internal sealed class ClosingOptions(TimeProvider time)
{
    private readonly Option<string[]> _allow = new("--allow") { Description = "Address or network that gets through all the same; may be repeated", HelpName = "NETWORK" };
    private readonly Option<DateTimeOffset?> _until = Durations.Until("--until", "When it ends by itself: 30m, 2h, 2026-11-20T08:00:00Z (default: when you end it)", time);

    public Verb AddTo(Verb verb)
    {
        verb.Add(_allow);
        verb.Add(_until);
        return verb;
    }

    public IReadOnlyList<string>? Allow(Call call) => call.Get(_allow) is { Length: > 0 } allow ? allow : null;

    public DateTimeOffset? Until(Call call) => call.Get(_until);
}
