using Wherry.Core.Model;

namespace Wherry.Compose.Writing;

/// <summary><c>x-wherry.deploy</c>, and <c>deploy.update_config</c> for the few things that only it may say.</summary>
internal static class DeployWriter
{
    private static readonly DeploySpec Standard = new();

    public static YamlMapping? Write(ServiceSpec spec)
    {
        var deploy = spec.Deploy;
        return new YamlMapping
        {
            ["strategy"] = deploy.Strategy is { } strategy && !OverlapsWithHostPort(spec) ? TextForm.Of(strategy) : null,
            ["surge"] = deploy.Surge == Standard.Surge || UpdateConfig(spec) is not null ? null : deploy.Surge,
            ["drain"] = Other(deploy.Drain, Standard.Drain),
            ["keep"] = deploy.Keep == Standard.Keep ? null : deploy.Keep,
            ["progress_deadline"] = Other(deploy.ProgressDeadline, Standard.ProgressDeadline),
            ["monitor"] = Other(deploy.Monitor, Standard.Monitor),
            ["failure_action"] = deploy.FailureAction == Standard.FailureAction ? null : TextForm.Of(deploy.FailureAction),
            ["canary"] = deploy.Canary == Standard.Canary ? null : deploy.Canary,
            ["auto_promote"] = deploy.AutoPromote ? true : null,
            ["heal"] = deploy.Heal ? null : false,
        }.OrNothing();
    }

    /// <summary>A surge beside a strategy that has none, and an overlap in spite of a host port: <c>x-wherry</c> takes neither.</summary>
    public static YamlMapping? UpdateConfig(ServiceSpec spec)
    {
        var deploy = spec.Deploy;
        if (OverlapsWithHostPort(spec))
        {
            return new() { ["parallelism"] = deploy.Strategy == DeployStrategy.BlueGreen ? 0 : deploy.Surge, ["order"] = "start-first" };
        }

        return deploy.Surge != Standard.Surge && deploy.Strategy is DeployStrategy.BlueGreen or DeployStrategy.Recreate ? new() { ["parallelism"] = deploy.Surge } : null;
    }

    private static bool OverlapsWithHostPort(ServiceSpec spec) =>
        spec.Deploy.Strategy is DeployStrategy.BlueGreen or DeployStrategy.Rolling && spec.Ports.Any(p => p.HostPort is not null && !p.IsForEdge());

    private static string? Other(TimeSpan time, TimeSpan standard) => time == standard ? null : TextForm.Of(time);
}
