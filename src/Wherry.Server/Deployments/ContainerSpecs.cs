using System.Globalization;
using Wherry.Core.Model;
using Wherry.Docker;
using Wherry.Server.Environments;

namespace Wherry.Server.Deployments;

/// <summary>What a container of a service is made from. Everything it gets from the release; the rest are names and labels.</summary>
internal sealed class ContainerSpecs(HomeId home, EngineNames names)
{
    /// <summary>Logs of one container on the engine's side; Wherry keeps its own copy in segments.</summary>
    private static readonly Logging Rotation = Logging.Rotated(ByteSize.Of(10 << 20), 3);

    public ContainerSpec Replica(EnvironmentRef environment, Release release, ServiceSpec spec, int number, string deployment)
    {
        var labels = Labelled(environment, release, spec, deployment);
        labels[Labels.Replica] = number.ToString(CultureInfo.InvariantCulture);
        labels[Labels.Hash] = SpecHash.Of(spec);
        return Common(environment, release, spec, labels) with
        {
            Name = names.Container(environment, spec.Name, number.ToString(CultureInfo.InvariantCulture), deployment),
            Ports = spec.Ports,
            Restart = spec.Restart,
            Healthcheck = Check(spec),
        };
    }

    /// <summary>A container that runs one command: no published ports, no restart, no part in the service's name on the network.</summary>
    public ContainerSpec OneOff(EnvironmentRef environment, Release release, ServiceSpec spec, string purpose, IReadOnlyList<string>? command, string deployment)
    {
        var labels = Labelled(environment, release, spec, deployment);
        labels[Labels.OneOff] = purpose;
        var made = Common(environment, release, spec, labels);
        return made with
        {
            Name = names.Container(environment, spec.Name, purpose, deployment),
            Command = command ?? spec.Command,
            Restart = new RestartPolicy(RestartCondition.No),
            Logs = Rotation, // its output goes into the deployment's log
            Healthcheck = new Healthcheck(["NONE"], null, null, null, null),
            Networks = [.. made.Networks.Select(n => n with { Aliases = [], Ipv4 = null })],
            Naming = made.Naming is { } naming ? naming with { MacAddress = null } : null,
        };
    }

    /// <summary>A container that is never started: files are taken out of it.</summary>
    public ContainerSpec Unstarted(EnvironmentRef environment, Release release, ServiceSpec spec, string purpose, string deployment)
    {
        var labels = Labelled(environment, release, spec, deployment);
        labels[Labels.OneOff] = purpose;
        return new() { Name = names.Container(environment, spec.Name, purpose, deployment), Image = spec.Image!.Value, Command = ["-"], Labels = labels };
    }

    /// <summary>The label on everything of this Wherry.</summary>
    public Dictionary<string, string> OwnedByHome() => new() { [Labels.Home] = home.Value };

    public Dictionary<string, string> Owned(EnvironmentRef environment) => new()
    {
        [Labels.Home] = home.Value,
        [Labels.Project] = environment.Project.Value,
        [Labels.Environment] = environment.Name.Value,
    };

    private Dictionary<string, string> Labelled(EnvironmentRef environment, Release release, ServiceSpec spec, string deployment)
    {
        // A label of ours in the file would make a replica of a release command, or a left-over session of a replica.
        var labels = spec.Labels.Where(l => !l.Key.StartsWith(Labels.Prefix, StringComparison.Ordinal)).ToDictionary();
        foreach (var (key, value) in Owned(environment))
        {
            labels[key] = value;
        }

        labels[Labels.Service] = spec.Name.Value;
        labels[Labels.Release] = release.Number.ToString(CultureInfo.InvariantCulture);
        labels[Labels.Deployment] = deployment;
        return labels;
    }

    private ContainerSpec Common(EnvironmentRef environment, Release release, ServiceSpec spec, Dictionary<string, string> labels) => new()
    {
        Name = "",
        Image = spec.Image!.Value,
        Command = spec.Command,
        Entrypoint = spec.Entrypoint,
        Environment = Variables(environment, release, spec),
        Labels = labels,
        Mounts = [.. spec.Mounts.Select(m => m is { Kind: MountKind.Volume, Source: { } volume } ? m with { Source = names.Volume(environment, release.Model, volume) } : m)],
        Expose = spec.Expose,
        Resources = spec.Resources,
        User = spec.User,
        WorkingDir = spec.WorkingDir,
        StopSignal = spec.StopSignal,
        StopGrace = spec.StopGrace,
        Init = spec.Init,
        CapAdd = spec.CapAdd,
        CapDrop = spec.CapDrop,
        Ulimits = spec.Ulimits,
        ShmSize = spec.ShmSize,
        ExtraHosts = spec.ExtraHosts,
        Networks = [.. spec.Networks.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => new NetworkJoin(names.Network(environment, release.Model, n.Key), [spec.Name.Value, .. n.Value.Aliases], n.Value.Ipv4Address))],
        Logs = spec.Logging?.BoundedBy(Rotation) ?? Rotation,
        Naming = spec.Naming,
        Isolation = spec.Isolation,
        Sharing = spec.Sharing,
        Tuning = spec.Tuning,
        Platform = spec.Platform,
        Tty = spec.Tty ?? false,
        OpenStdin = spec.StdinOpen ?? false,
        Annotations = spec.Annotations,
    };

    private static Dictionary<string, string> Variables(EnvironmentRef environment, Release release, ServiceSpec spec)
    {
        var variables = new Dictionary<string, string>
        {
            ["WHERRY_PROJECT"] = environment.Project.Value,
            ["WHERRY_ENVIRONMENT"] = environment.Name.Value,
            ["WHERRY_SERVICE"] = spec.Name.Value,
            ["WHERRY_RELEASE"] = $"r{release.Number}",
        };
        foreach (var (name, value) in spec.Environment)
        {
            variables[name] = value;
        }

        return variables;
    }

    /// <summary>A health command of ours is the engine's health check, in its own words.</summary>
    private static Healthcheck? Check(ServiceSpec spec) => spec.Health is { Command: { } command } health
        ? new Healthcheck(["CMD", .. command], health.Interval, health.Timeout, 3, null)
        : spec.Healthcheck;
}
