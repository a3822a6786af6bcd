using System.Text;
using Wherry.Compose.Writing;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting;

/// <summary>Podman's Quadlet: a file for each container, network and volume, from which systemd makes units.</summary>
internal sealed class QuadletWriter(ProjectModel model, ExportWish wish)
{
    private readonly string _project = DnsLabel.Of(wish.Name);
    private readonly List<ExportedFile> _beside = [];

    private readonly SortedSet<string> _secrets = new(StringComparer.Ordinal);

    public Losses Losses { get; } = new();

    /// <summary>Commands that put the secrets into Podman's store.</summary>
    public IEnumerable<string> Creates => _secrets.Select(name => $"printf %s \"${name}\" | podman secret create {_project}_{name} -");

    public IEnumerable<ExportedFile> Write()
    {
        List<ExportedFile> units = [];
        foreach (var spec in model.Services.Values.OrderBy(s => s.Name.Value, StringComparer.Ordinal))
        {
            units.Add(File($"{Unit(spec.Name)}.container", Container(spec)));
        }

        foreach (var (name, network) in model.Networks.Where(n => !n.Value.External && model.Services.Values.Any(s => s.Networks.ContainsKey(n.Key))))
        {
            var file = new UnitText().Section("Network").Add("NetworkName", network.ExplicitName ?? $"{_project}_{name}").Add("Internal", network.Internal ? "true" : null);
            units.Add(File($"{_project}-{DnsLabel.Of(name)}.network", file));
        }

        foreach (var (name, volume) in model.Volumes.Where(v => !v.Value.External))
        {
            var file = new UnitText().Section("Volume").Add("VolumeName", volume.ExplicitName ?? $"{_project}_{name}").Add("Driver", volume.Driver is "local" ? null : volume.Driver);
            units.Add(File($"{_project}-{DnsLabel.Of(name)}.volume", file));
        }

        return [.. units, .. _beside];
    }

    private string Unit(ServiceName service) => $"{_project}-{DnsLabel.Of(service.Value)}";

    private static ExportedFile File(string path, UnitText text) => new(path, Encoding.UTF8.GetBytes(text.ToString()));

    private UnitText Container(ServiceSpec spec)
    {
        AddLosses(spec);
        var unit = new UnitText().Section("Unit").Add("Description", $"{spec.Name} of {_project}");
        foreach (var dependency in spec.DependsOn)
        {
            unit.Add(dependency.Required ? "Requires" : "Wants", $"{Unit(dependency.Service)}.service").Add("After", $"{Unit(dependency.Service)}.service");
        }

        unit.Section("Container").Add("ContainerName", Unit(spec.Name)).Add("Image", ExportedImage.Of(spec, wish));
        AddProcess(unit, spec);
        AddEnvironment(unit, spec);
        AddPlaces(unit, spec);
        AddHealth(unit, spec);
        var runsOnce = spec.Restart.Condition == RestartCondition.No;
        unit.Section("Service")
            .Add("Type", runsOnce ? "oneshot" : null)
            .Add("RemainAfterExit", runsOnce ? "yes" : null)
            .Add("Restart", spec.Restart.Condition switch { RestartCondition.No => "no", RestartCondition.OnFailure => "on-failure", _ => "always" })
            .Add("TimeoutStartSec", "15min");
        return unit.Section("Install").Add("WantedBy", "multi-user.target default.target");
    }

    private static void AddProcess(UnitText unit, ServiceSpec spec)
    {
        unit.Add("Entrypoint", spec.Entrypoint is { Count: > 0 } entrypoint ? entrypoint.Count == 1 ? UnitText.Word(entrypoint[0]) : $"[{string.Join(",", entrypoint.Select(e => $"\"{UnitText.Inside(e)}\""))}]" : null)
            .Add("Exec", spec.Command is { Count: > 0 } command ? string.Join(' ', command.Select(UnitText.Word)) : null)
            .Add("User", spec.User?.Split(':')[0])
            .Add("Group", spec.User?.Split(':') is [_, var group] ? group : null)
            .Add("WorkingDir", spec.WorkingDir)
            .Add("RunInit", spec.Init == true ? "true" : null)
            .Add("StopTimeout", spec.StopGrace is { } grace ? TextForm.Of((long)Math.Ceiling(grace.TotalSeconds)) : null)
            .Add("ShmSize", TextForm.Of(spec.ShmSize));
        unit.AddAll("AddCapability", spec.CapAdd).AddAll("DropCapability", spec.CapDrop).AddAll("AddHost", spec.ExtraHosts)
            .AddAll("Ulimit", spec.Ulimits.Select(u => $"{u.Name}={TextForm.Of(u.Soft)}:{TextForm.Of(u.Hard)}"))
            .AddAll("Label", spec.Labels.Where(l => SecretMark.In(l.Value).Count == 0).OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => UnitText.Word($"{l.Key}={l.Value}")));
        var (resources, signal) = (spec.Resources, spec.StopSignal);
        unit.AddAll("PodmanArgs", new[]
        {
            resources.Cpus is { } cpus ? $"--cpus={TextForm.Of(cpus)}" : null,
            resources.Memory is { } memory ? $"--memory={TextForm.Of(memory)}" : null,
            resources.MemoryReservation is { } reserved ? $"--memory-reservation={TextForm.Of(reserved)}" : null,
            resources.Pids is { } pids ? $"--pids-limit={TextForm.Of(pids)}" : null,
            signal is null ? null : $"--stop-signal={signal}",
        }.OfType<string>());
    }

    /// <summary>What is a secret comes from Podman's store; a text around one stands in a file, because a unit knows no variables of others.</summary>
    private void AddEnvironment(UnitText unit, ServiceSpec spec)
    {
        var composed = new StringBuilder();
        foreach (var (name, value) in spec.Environment.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            if (SecretMark.Alone(value) is { } variable)
            {
                unit.Add("Secret", $"{SecretName(variable)},type=env,target={name}");
            }
            else if (SecretMark.In(value).Count > 0)
            {
                composed.Append(name).Append('=').Append(SecretMark.Replace(value, Value)).Append('\n');
            }
            else
            {
                unit.Add("Environment", UnitText.Word($"{name}={value}"));
            }
        }

        if (composed.Length > 0)
        {
            var path = $"{Unit(spec.Name)}.env";
            unit.Add("EnvironmentFile", $"./{path}");
            _beside.Add(new(path, Encoding.UTF8.GetBytes(composed.ToString()), IsSecret: true));
        }
    }

    private string Value(string variable) => wish.Secrets?.GetValueOrDefault(variable) is { } value ? Encoding.UTF8.GetString(value) : $"${{{variable}}}";

    private string SecretName(string variable)
    {
        _secrets.Add(variable);
        return $"{_project}_{variable}";
    }

    private void AddPlaces(UnitText unit, ServiceSpec spec)
    {
        foreach (var (name, attachment) in spec.Networks.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            var network = model.Networks.GetValueOrDefault(name);
            unit.Add("Network", network is { External: true } ? network.ExplicitName ?? name : $"{_project}-{DnsLabel.Of(name)}.network{(attachment.Ipv4Address is { } address ? $":ip={address}" : "")}");
        }

        unit.AddAll("NetworkAlias", spec.Networks.Values.SelectMany(n => n.Aliases).Prepend(spec.Name.Value).Distinct());
        unit.AddAll("PublishPort", spec.Ports.Select(p => $"{(p.HostAddress is { } a ? $"{(a.Contains(':', StringComparison.Ordinal) ? $"[{a}]" : a)}:" : "")}{(p.HostPort is { } host ? $"{TextForm.Of(host)}:" : p.HostAddress is null ? "" : ":")}{TextForm.Of(p.ContainerPort)}/{p.Protocol}"));
        foreach (var mount in spec.Mounts)
        {
            unit.Add(mount.Kind == MountKind.Tmpfs ? "Tmpfs" : "Volume", Mounted(mount));
        }

        foreach (var (index, file) in spec.Files.Index())
        {
            AddFile(unit, spec, file, index + 1);
        }
    }

    private string Mounted(Mount mount)
    {
        var readOnly = mount.ReadOnly ? ":ro" : "";
        if (mount.Kind == MountKind.Tmpfs)
        {
            List<string> options = [.. mount.ReadOnly ? new[] { "ro" } : [], .. mount.Size is { } size ? new[] { $"size={TextForm.Of(size)}" } : []];
            return UnitText.Word(options.Count > 0 ? $"{mount.Target}:{string.Join(',', options)}" : mount.Target);
        }

        return UnitText.Word(mount switch
        {
            { Source: null } => mount.Target,
            { Kind: MountKind.Bind } => $"{mount.Source}:{mount.Target}{readOnly}",
            _ when model.Volumes.GetValueOrDefault(mount.Source) is { External: true } volume => $"{volume.ExplicitName ?? mount.Source}:{mount.Target}{readOnly}",
            _ => $"{_project}-{DnsLabel.Of(mount.Source)}.volume:{mount.Target}{readOnly}",
        });
    }

    private void AddFile(UnitText unit, ServiceSpec spec, FileMount file, int number)
    {
        var text = Encoding.UTF8.GetString(file.Content);
        if (SecretMark.Alone(text) is { } variable)
        {
            unit.Add("Secret", $"{SecretName(variable)},type=mount,target={file.Target},uid={TextForm.Of(file.Uid)},gid={TextForm.Of(file.Gid)},mode={TextForm.OfMode(file.Mode)}");
            return;
        }

        var hasSecret = SecretMark.In(text).Count > 0;
        var path = $"{Unit(spec.Name)}-files/{TextForm.Of(number)}-{DnsLabel.Of(file.Target[(file.Target.LastIndexOf('/') + 1)..])}";
        _beside.Add(new(path, hasSecret ? Encoding.UTF8.GetBytes(SecretMark.Replace(text, Value)) : file.Content, hasSecret));
        unit.Add("Volume", UnitText.Word($"./{path}:{file.Target}:ro"));
    }

    private static void AddHealth(UnitText unit, ServiceSpec spec)
    {
        if (spec.Health?.Command is { } command)
        {
            unit.Add("HealthCmd", string.Join(' ', command.Select(UnitText.Word))).Add("HealthInterval", TextForm.Of(spec.Health.Interval)).Add("HealthTimeout", TextForm.Of(spec.Health.Timeout));
        }
        else if (spec.Healthcheck is { } check)
        {
            unit.Add("HealthCmd", check.Test.ToArray() switch { [] => null, ["NONE"] => "none", ["CMD-SHELL", var line] => UnitText.Line(line), [_, .. var words] => string.Join(' ', words.Select(UnitText.Word)) })
                .Add("HealthInterval", check.Interval is { } interval ? TextForm.Of(interval) : null)
                .Add("HealthTimeout", check.Timeout is { } timeout ? TextForm.Of(timeout) : null)
                .Add("HealthRetries", check.Retries is { } retries ? TextForm.Of(retries) : null)
                .Add("HealthStartPeriod", check.StartPeriod is { } period ? TextForm.Of(period) : null);
        }
    }

    private void AddLosses(ServiceSpec spec)
    {
        ExportedImage.AddLosses(spec, wish, Losses);
        Losses.AddOthers(spec);
        Losses.AddWherry(spec, spec.Health is { Command: not null } ? ["health"] : []);
        foreach (var (isLost, what) in new (bool, string)[]
        {
            (spec.Replicas != 1, $"runs once, not {TextForm.Of(spec.Replicas)} times"),
            (spec.DependsOn.Any(d => d.Condition == DependencyCondition.Healthy), "starts when what it depends on has started, not when that is healthy"),
            (spec.Environment.Values.Any(v => v.Contains('\n', StringComparison.Ordinal)), "a variable of several lines does not fit into a unit"),
            (spec.Entrypoint is { Count: 0 }, "the image's entrypoint stays"),
            (spec.Labels.Values.Any(v => SecretMark.In(v).Count > 0), "labels with a secret in them are left out"),
            (spec.Restart.MaxAttempts is not null, "is started again without a limit"),
        })
        {
            if (isLost)
            {
                Losses.Add(spec, what);
            }
        }
    }
}
