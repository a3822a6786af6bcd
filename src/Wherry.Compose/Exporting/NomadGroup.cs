using System.Text;
using System.Text.Json.Nodes;
using Wherry.Compose.Writing;
using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Compose.Exporting;

/// <summary>A service as a task group of a Nomad job.</summary>
internal sealed class NomadGroup(ServiceSpec spec, ProjectModel model, ExportWish wish, Losses losses, SortedDictionary<string, SortedSet<string>> secrets)
{
    private const long Megabyte = 1 << 20;
    private const int MegahertzPerCore = 1000;

    private readonly string _job = DnsLabel.Of(wish.Name);
    private readonly string _name = DnsLabel.Of(spec.Name.Value);

    private readonly IReadOnlyList<(int Port, int? Host)> _ports = [.. spec.Ports.Where(p => p.Protocol == "tcp").Select(p => (p.ContainerPort, p.HostPort))
        .Concat((spec.Tcp ?? []).Select(t => (t.Port, (int?)t.Listen)))
        .Concat(spec.Expose.Where(e => e.Protocol == "tcp").Select(e => (e.Port, (int?)null)))
        .Concat(spec.Routes.Select(r => (r.Port, (int?)null)))
        .GroupBy(p => p.Item1).Select(g => (g.Key, g.Select(p => p.Item2).FirstOrDefault(h => h is not null)))];

    public JsonObject Write()
    {
        AddLosses();
        return Filled(new()
        {
            ["Name"] = _name,
            ["Count"] = spec.Replicas,
            ["Networks"] = Networks(),
            ["Services"] = Services(),
            ["Volumes"] = Volumes(),
            ["Update"] = Update(),
            ["RestartPolicy"] = Restart(),
            ["ShutdownDelay"] = spec.IsRouted() ? Nanoseconds(TimeSpan.FromSeconds(5)) : null,
            ["Tasks"] = Tasks(),
        });
    }

    private JsonArray? Networks()
    {
        var (free, kept) = (new JsonArray(), new JsonArray());
        foreach (var (port, host) in _ports)
        {
            var written = new JsonObject { ["Label"] = Label(port), ["To"] = port };
            if (host is { } value)
            {
                written["Value"] = value;
                kept.Add(written);
            }
            else
            {
                free.Add(written);
            }
        }

        return _ports.Count == 0 ? null : new JsonArray(Filled(new() { ["Mode"] = "bridge", ["DynamicPorts"] = free.Count > 0 ? free : null, ["ReservedPorts"] = kept.Count > 0 ? kept : null }));
    }

    private JsonArray? Services() => _ports.Count == 0 ? null : new([.. _ports.Select((p, i) => Filled(new()
    {
        ["Name"] = i == 0 ? $"{_job}-{_name}" : $"{_job}-{_name}-{TextForm.Of(p.Port)}",
        ["Provider"] = "nomad",
        ["PortLabel"] = Label(p.Port),
        ["Tags"] = Tags(p.Port),
        ["Checks"] = Check(p.Port) is { } check ? new JsonArray(check) : null,
    }))]);

    /// <summary>Routes as tags: proxies that read Nomad's services know the hosts from them.</summary>
    private JsonArray? Tags(int port)
    {
        var tags = spec.Routes.Where(r => r.Port == port).Select(r => (JsonNode?)$"route={r.Host?.Value ?? "*"}{r.Path}").ToArray();
        return tags.Length == 0 ? null : new(tags);
    }

    private JsonObject? Check(int port) => spec.Health is not { } health || health.Port != port ? null : Filled(new()
    {
        ["Type"] = health.Path is null ? "tcp" : "http",
        ["Path"] = health.Path,
        ["Header"] = health is { Path: not null, Host: { } host } ? new JsonObject { ["Host"] = new JsonArray(host) } : null,
        ["Interval"] = Nanoseconds(health.Interval < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : health.Interval),
        ["Timeout"] = Nanoseconds(health.Timeout < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : health.Timeout),
    });

    private JsonObject? Volumes()
    {
        var all = new JsonObject();
        foreach (var volume in spec.Mounts.Where(m => m is { Kind: MountKind.Volume, Source: not null }).Select(m => m.Source!).Distinct())
        {
            losses.Add(spec, $"the host volume {_job}-{DnsLabel.Of(volume)} has to be declared in the client's configuration");
            all[DnsLabel.Of(volume)] = new JsonObject { ["Name"] = DnsLabel.Of(volume), ["Type"] = "host", ["Source"] = $"{_job}-{DnsLabel.Of(volume)}" };
        }

        return all.Count == 0 ? null : all;
    }

    private JsonObject Update() => Filled(new()
    {
        ["MaxParallel"] = Math.Max(1, spec.Deploy.Surge),
        ["Canary"] = UpdateOrder.Of(spec) == DeployStrategy.Recreate ? 0 : spec.Deploy.Strategy == DeployStrategy.BlueGreen ? Math.Max(1, spec.Replicas) : Math.Max(1, spec.Deploy.Canary),
        ["AutoPromote"] = UpdateOrder.Of(spec) != DeployStrategy.Recreate && (spec.Deploy.Canary == 0 || spec.Deploy.AutoPromote),
        ["AutoRevert"] = spec.Deploy.FailureAction == FailureAction.Rollback,
        ["MinHealthyTime"] = spec.Deploy.Monitor > TimeSpan.Zero ? Nanoseconds(spec.Deploy.Monitor) : null,
        ["HealthyDeadline"] = Nanoseconds(spec.Health?.Deadline ?? TimeSpan.FromMinutes(5)),
        ["ProgressDeadline"] = Nanoseconds(spec.Deploy.ProgressDeadline > (spec.Health?.Deadline ?? TimeSpan.FromMinutes(5)) ? spec.Deploy.ProgressDeadline : (spec.Health?.Deadline ?? TimeSpan.FromMinutes(5)) * 2),
    });

    private JsonObject? Restart() => spec.Restart switch
    {
        { Condition: RestartCondition.No } => new() { ["Attempts"] = 0, ["Mode"] = "fail" },
        { MaxAttempts: { } attempts } => new() { ["Attempts"] = attempts, ["Mode"] = "fail" },
        _ => null,
    };

    private JsonArray Tasks()
    {
        var tasks = new JsonArray();
        if (spec.Release is { } release)
        {
            var before = Task($"{_name}-release", release);
            before["Lifecycle"] = new JsonObject { ["Hook"] = "prestart", ["Sidecar"] = false };
            tasks.Add(before);
        }

        tasks.Add(Task(_name, null));
        return tasks;
    }

    private JsonObject Task(string name, IReadOnlyList<string>? release)
    {
        var templates = new JsonArray();
        var mounts = new JsonArray();
        AddFiles(templates, mounts);
        var (environment, composed) = Environment();
        if (composed.Length > 0)
        {
            templates.Add(new JsonObject { ["EmbeddedTmpl"] = composed, ["DestPath"] = "secrets/variables.env", ["Envvars"] = true });
        }

        foreach (var mount in spec.Mounts.Where(m => m.Kind != MountKind.Volume))
        {
            mounts.Add(mount.Kind == MountKind.Bind
                ? new JsonObject { ["type"] = "bind", ["source"] = mount.Source, ["target"] = mount.Target, ["readonly"] = mount.ReadOnly }
                : Filled(new() { ["type"] = "tmpfs", ["target"] = mount.Target, ["readonly"] = mount.ReadOnly, ["tmpfs_options"] = mount.Size is { } size ? new JsonObject { ["size"] = size.Bytes } : null }));
        }

        return Filled(new()
        {
            ["Name"] = name,
            ["Driver"] = "docker",
            ["User"] = spec.User,
            ["Config"] = Config(mounts, release),
            ["Env"] = environment.Count > 0 ? environment : null,
            ["Templates"] = templates.Count > 0 ? templates : null,
            ["VolumeMounts"] = VolumeMounts(),
            ["Resources"] = Filled(new()
            {
                ["CPU"] = spec.Resources.Cpus is { } cpus ? Math.Max(1, (int)Math.Round(cpus * MegahertzPerCore)) : null,
                ["MemoryMB"] = (spec.Resources.MemoryReservation ?? spec.Resources.Memory) is { } least ? Math.Max(10, least.Bytes / Megabyte) : null,
                ["MemoryMaxMB"] = spec.Resources is { MemoryReservation: not null, Memory: { } most } ? Math.Max(10, most.Bytes / Megabyte) : null,
            }),
            ["KillTimeout"] = spec.StopGrace is { } grace ? Nanoseconds(grace) : null,
            ["KillSignal"] = spec.StopSignal,
        });
    }

    private JsonObject Config(JsonArray mounts, IReadOnlyList<string>? release) => Filled(new()
    {
        ["image"] = ExportedImage.Of(spec, wish),
        ["entrypoint"] = release is not null ? new JsonArray() : Strings(spec.Entrypoint),
        ["args"] = Strings(release ?? (spec.Command is { Count: > 0 } command ? command : null)),
        ["ports"] = release is null ? Strings([.. _ports.Select(p => Label(p.Port))]) : null,
        ["work_dir"] = spec.WorkingDir,
        ["init"] = spec.Init == true ? true : null,
        ["cap_add"] = Strings(spec.CapAdd),
        ["cap_drop"] = Strings(spec.CapDrop),
        ["extra_hosts"] = Strings(spec.ExtraHosts),
        ["shm_size"] = spec.ShmSize?.Bytes,
        ["pids_limit"] = spec.Resources.Pids,
        ["ulimit"] = spec.Ulimits.Count == 0 ? null : new JsonObject(spec.Ulimits.Select(u => KeyValuePair.Create(u.Name, (JsonNode?)$"{TextForm.Of(u.Soft)}:{TextForm.Of(u.Hard)}"))),
        ["mount"] = mounts.Count > 0 ? mounts : null,
    });

    private JsonArray? VolumeMounts()
    {
        var mounts = spec.Mounts.Where(m => m is { Kind: MountKind.Volume, Source: not null }).Select(m => (JsonNode?)new JsonObject { ["Volume"] = DnsLabel.Of(m.Source!), ["Destination"] = m.Target, ["ReadOnly"] = m.ReadOnly }).ToArray();
        return mounts.Length == 0 ? null : new(mounts);
    }

    private (JsonObject Plain, string Composed) Environment()
    {
        var (plain, composed) = (new JsonObject(), new StringBuilder());
        foreach (var (name, value) in spec.Environment.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            if (SecretMark.In(value).Count == 0)
            {
                // Nomad replaces ${…} by itself.
                plain[name] = value.Replace("${", "$${", StringComparison.Ordinal);
            }
            else
            {
                composed.Append(name).Append('=').Append(Templated(value, $"a value of {spec.Name}")).Append('\n');
            }
        }

        return (plain, composed.ToString());
    }

    private void AddFiles(JsonArray templates, JsonArray mounts)
    {
        foreach (var (index, file) in spec.Files.Index())
        {
            var place = $"{(file.Secret ? "secrets" : "local")}/file-{TextForm.Of(index + 1)}";
            if (file.Content.Contains((byte)0))
            {
                losses.Add(spec, $"{file.Target} is no text: put it into the image");
                continue;
            }

            templates.Add(new JsonObject { ["EmbeddedTmpl"] = Templated(Encoding.UTF8.GetString(file.Content), $"the file {file.Target} of {spec.Name}"), ["DestPath"] = place, ["Perms"] = TextForm.OfMode(file.Mode), ["Uid"] = file.Uid, ["Gid"] = file.Gid });
            mounts.Add(new JsonObject { ["type"] = "bind", ["source"] = place, ["target"] = file.Target, ["readonly"] = true });
        }
    }

    /// <summary>A text for Nomad's templates, which take secrets from its variables. What they would take for their own is written as a string of theirs.</summary>
    private string Templated(string text, string why)
    {
        foreach (var variable in SecretMark.In(text))
        {
            if (!secrets.TryGetValue(variable, out var reasons))
            {
                secrets[variable] = reasons = new(StringComparer.Ordinal);
            }

            reasons.Add(why);
        }

        return SecretMark.Replace(text.Replace("{{", "{{ \"{{\" }}", StringComparison.Ordinal), name => $"{{{{ with nomadVar \"nomad/jobs/{_job}\" }}}}{{{{ .{name} }}}}{{{{ end }}}}");
    }

    private void AddLosses()
    {
        ExportedImage.AddLosses(spec, wish, losses);
        losses.AddOthers(spec);
        losses.AddWherry(spec, "health", "deploy", "release", "tcp");
        foreach (var (isLost, what) in new (bool, string)[]
        {
            (spec.Health?.Command is not null || spec.Healthcheck is { Test: not ["NONE"] }, "its check inside the container is not heeded: Nomad's own services know http and tcp only"),
            (spec.DependsOn.Count > 0, $"starts without waiting for {string.Join(", ", spec.DependsOn.Select(d => d.Service.Value))}: it has to try again until they answer"),
            (spec.Expose.Any(e => e.Protocol != "tcp") || spec.Ports.Any(p => p.Protocol != "tcp"), "ports that are not TCP are left out"),
            (spec.Ports.Select(p => (p.ContainerPort, p.HostPort)).Concat((spec.Tcp ?? []).Select(t => (t.Port, (int?)t.Listen))).Where(p => p.Item2 is not null).Distinct().GroupBy(p => p.Item1).Any(g => g.Count() > 1), "a container's port is published once: its other ports of the host are left out"),
            (spec.Mounts.Any(m => m is { Kind: MountKind.Volume, Source: null }), "its anonymous volumes are the image's own"),
            (spec.Networks.Keys.Any(n => n != "default") && model.Services.Values.SelectMany(s => s.Networks.Keys).Distinct().Count() > 1, "networks do not keep it apart: who knows an address reaches it"),
            (spec.Restart.Condition == RestartCondition.No, "runs once, which is a job of type batch in Nomad: take its group into one"),
            (spec.Environment.Values.Any(v => SecretMark.In(v).Count > 0 && v.Contains('\n', StringComparison.Ordinal)), "a variable of several lines with a secret in it does not fit into a template"),
            ((spec.Command ?? []).Concat(spec.Entrypoint ?? []).Any(w => SecretMark.In(w).Count > 0), "its command has a secret in it, as ${NAME}: Nomad replaces that by the task's variable of this name, where it has one"),
            (spec.Labels.Count > 0, "labels are left out"),
        })
        {
            if (isLost)
            {
                losses.Add(spec, what);
            }
        }
    }

    private static string Label(int port) => $"p{TextForm.Of(port)}";

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    private static JsonArray? Strings(IReadOnlyList<string>? texts) =>
        texts is not { Count: > 0 } ? null : new([.. texts.Select(t => (JsonNode?)SecretMark.Replace(t.Replace("${", "$${", StringComparison.Ordinal), name => $"${{{name}}}"))]);

    /// <summary>Without what is not there.</summary>
    private static JsonObject Filled(JsonObject node)
    {
        foreach (var key in node.Where(p => p.Value is null).Select(p => p.Key).ToList())
        {
            node.Remove(key);
        }

        return node;
    }
}
