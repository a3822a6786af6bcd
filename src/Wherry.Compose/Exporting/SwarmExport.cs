using System.Text;
using Wherry.Compose.Writing;
using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Compose.Exporting;

/// <summary>A file for <c>docker stack deploy</c>: Compose without builds, with networks over all nodes and with secrets that the swarm keeps.</summary>
public static class SwarmExport
{
    /// <summary>Keys that <c>docker stack deploy</c> heeds as they are; what the others said is told, or said under <c>deploy</c>.</summary>
    private static readonly string[] Kept =
    [
        "cap_add", "cap_drop", "command", "configs", "entrypoint", "environment", "expose", "extra_hosts", "healthcheck", "init", "labels", "secrets", "stop_grace_period", "stop_signal", "tmpfs",
        "ulimits", "user", "volumes", "working_dir",
    ];

    public static Exported Of(ProjectModel model, ExportWish wish)
    {
        var (document, losses) = (ComposeWriter.Describe(model), new Losses());
        var files = new SortedDictionary<string, byte[]>(document.Files.Where(f => !f.Key.StartsWith("error-pages/", StringComparison.Ordinal)).ToDictionary(), StringComparer.Ordinal);
        var services = new YamlMapping();
        foreach (var (name, value) in (YamlMapping)document.Tree["services"]!)
        {
            services[name] = Service(model.Services[ServiceName.Parse(name)], (YamlMapping)value, wish, losses);
        }

        if (model.Services.Values.SelectMany(s => s.Mounts).Any(m => m is { Kind: MountKind.Volume, Source: not null }))
        {
            losses.Add("a volume is on the node where its service first ran: keep the service there with deploy.placement.constraints, or use a driver that all nodes share");
        }

        var tree = new YamlMapping
        {
            ["version"] = "3.8",
            ["services"] = services,
            ["volumes"] = document.Tree["volumes"],
            ["networks"] = Networks(model, losses),
            ["secrets"] = Secrets(document.Tree["secrets"] as YamlMapping, wish),
            ["configs"] = Configs(document.Tree["configs"] as YamlMapping, files),
        };
        var head = ExportHead.Lines("swarm", wish, losses.All, document.Variables).Concat(["", $"docker stack deploy --compose-file stack.yaml {DnsLabel.Of(wish.Name)}", .. Creates(document, wish)]);
        List<ExportedFile> all = [new("stack.yaml", Encoding.UTF8.GetBytes(YamlText.Write(tree, head))), .. files.Select(f => new ExportedFile(f.Key, f.Value))];
        if (document.Variables.Count > 0)
        {
            all.Add(EnvText.File(document.Variables, wish));
        }

        return new(all, losses.All, document.Variables);
    }

    private static YamlMapping Service(ServiceSpec spec, YamlMapping written, ExportWish wish, Losses losses)
    {
        var service = new YamlMapping { ["image"] = ExportedImage.Of(spec, wish) };
        foreach (var (key, value) in written.Where(e => Kept.Contains(e.Key)))
        {
            service[key] = value;
        }

        service["ports"] = new YamlSequence(spec.Ports.Select(Port)).OrNothing();
        service["networks"] = Attachments(spec);
        service["healthcheck"] = service["healthcheck"] ?? (spec.Health?.Command is { } command ? Check(spec.Health, command) : null);
        service["deploy"] = Deploy(spec, Resources(spec));
        AddLosses(spec, wish, losses);
        return service;
    }

    private static YamlMapping Port(PublishedPort port) => new()
    {
        ["target"] = port.ContainerPort,
        ["published"] = port.HostPort is { } published ? published : null,
        ["protocol"] = port.Protocol,
        ["mode"] = port.Mode is { } mode ? TextForm.Of(mode) : null,
    };

    private static YamlMapping? Attachments(ServiceSpec spec)
    {
        var networks = new YamlMapping();
        foreach (var (name, attachment) in spec.Networks.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            networks[name] = new YamlMapping { ["aliases"] = Escaped.Some(attachment.Aliases) }.OrNothing() ?? YamlValue.Null;
        }

        return spec.Networks.Keys.SequenceEqual(["default"]) && networks["default"] is not YamlMapping ? null : networks.OrNothing();
    }

    private static YamlMapping Check(HealthSpec health, IReadOnlyList<string> command) => new()
    {
        ["test"] = Escaped.List(["CMD", .. command]),
        ["interval"] = TextForm.Of(health.Interval),
        ["timeout"] = TextForm.Of(health.Timeout),
        ["start_period"] = TextForm.Of(health.Deadline),
    };

    /// <summary>As Compose has them, without the number of processes, which a stack does not limit.</summary>
    private static YamlMapping? Resources(ServiceSpec spec) => new YamlMapping
    {
        ["limits"] = new YamlMapping { ["cpus"] = spec.Resources.Cpus is { } cpus ? TextForm.Of(cpus) : null, ["memory"] = TextForm.Of(spec.Resources.Memory) }.OrNothing(),
        ["reservations"] = new YamlMapping { ["memory"] = TextForm.Of(spec.Resources.MemoryReservation) }.OrNothing(),
    }.OrNothing();

    private static YamlMapping Deploy(ServiceSpec spec, YamlMapping? resources) => new()
    {
        ["replicas"] = spec.Replicas,
        ["update_config"] = new YamlMapping
        {
            ["parallelism"] = spec.Deploy.Strategy == DeployStrategy.BlueGreen ? 0 : spec.Deploy.Surge,
            ["order"] = UpdateOrder.Of(spec) == DeployStrategy.Recreate ? "stop-first" : "start-first",
            ["failure_action"] = TextForm.Of(spec.Deploy.FailureAction),
            ["monitor"] = spec.Deploy.Monitor > TimeSpan.Zero ? TextForm.Of(spec.Deploy.Monitor) : null,
        },
        ["restart_policy"] = new YamlMapping
        {
            ["condition"] = spec.Restart.Condition switch { RestartCondition.No => "none", RestartCondition.OnFailure => "on-failure", _ => "any" },
            ["max_attempts"] = spec.Restart.MaxAttempts is { } attempts ? attempts : null,
        },
        ["resources"] = resources,
    };

    private static YamlMapping Networks(ProjectModel model, Losses losses)
    {
        var networks = new YamlMapping();
        foreach (var (name, network) in model.Networks.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            networks[name] = network.External
                ? new YamlMapping { ["external"] = true, ["name"] = network.ExplicitName ?? name }
                : new YamlMapping { ["name"] = Escaped.Text(network.ExplicitName), ["driver"] = "overlay", ["internal"] = network.Internal ? true : null, ["labels"] = Escaped.Pairs(network.Labels) };
            if (!network.External && (network.Driver is not (null or "bridge" or "overlay") || network.DriverOptions.Count > 0))
            {
                losses.Add($"the network {name} is an overlay: its driver and its options are left out");
            }
        }

        return networks;
    }

    /// <summary>The swarm keeps them under names of the project: they are made once, by hand.</summary>
    private static YamlMapping? Secrets(YamlMapping? secrets, ExportWish wish)
    {
        var all = new YamlMapping();
        foreach (var (name, _) in secrets ?? [])
        {
            all[name] = new YamlMapping { ["external"] = true, ["name"] = NameOf(name, wish) };
        }

        return all.OrNothing();
    }

    private static YamlMapping? Configs(YamlMapping? configs, SortedDictionary<string, byte[]> files)
    {
        var all = new YamlMapping();
        foreach (var (name, value) in configs ?? [])
        {
            if (((YamlMapping)value)["content"] is YamlLeaf content)
            {
                files[$"configs/{name}"] = Encoding.UTF8.GetBytes(content.Text.Replace("$$", "$", StringComparison.Ordinal));
                all[name] = new YamlMapping { ["file"] = $"./configs/{name}" };
            }
            else
            {
                all[name] = value;
            }
        }

        return all.OrNothing();
    }

    private static IEnumerable<string> Creates(ComposeDocument document, ExportWish wish) => (document.Tree["secrets"] as YamlMapping ?? [])
        .Where(s => ((YamlMapping)s.Value)["environment"] is YamlLeaf)
        .Select(s => $"printf %s \"${((YamlLeaf)((YamlMapping)s.Value)["environment"]!).Text}\" | docker secret create {NameOf(s.Key, wish)} -");

    private static string NameOf(string secret, ExportWish wish) => $"{DnsLabel.Of(wish.Name)}_{secret}";

    private static void AddLosses(ServiceSpec spec, ExportWish wish, Losses losses)
    {
        ExportedImage.AddLosses(spec, wish, losses);
        losses.AddOthers(spec);
        losses.AddWherry(spec, spec.Health is { Command: not null } ? ["health", "deploy"] : ["deploy"]);
        foreach (var (isLost, what) in new (bool, string)[]
        {
            (spec.DependsOn.Count > 0, $"starts without waiting for {string.Join(", ", spec.DependsOn.Select(d => d.Service.Value))}: it has to try again until they answer"),
            (spec.Resources.Pids is not null, "the number of its processes is not limited"),
            (spec.ShmSize is not null, "shm_size is left out: mount a tmpfs at /dev/shm"),
            (spec.Ports.Any(p => p.HostAddress is not null), "its ports are published on every address of every node"),
            (spec.Networks.Values.Any(n => n.Ipv4Address is not null), "its address is not fixed"),
            (spec.Mounts.Any(m => m.Kind == MountKind.Bind), "what it mounts of its host must be on every node that it may run on"),
            (spec.Files.Any(f => !f.Secret && SecretMark.In(Encoding.UTF8.GetString(f.Content)).Count > 0), "a config has a secret in it, as ${NAME}: put the value in"),
            (spec.Restart.Condition == RestartCondition.No, "runs once for each deployment of the stack that changes it"),
        })
        {
            if (isLost)
            {
                losses.Add(spec, what);
            }
        }
    }
}
