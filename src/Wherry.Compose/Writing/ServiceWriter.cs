using Wherry.Core.Model;

namespace Wherry.Compose.Writing;

/// <summary>One entry of <c>services</c>. What is its key's default is left out, except <c>restart</c>, whose default differs between Compose and Wherry.</summary>
internal sealed class ServiceWriter(ServiceSpec spec, Beside beside)
{
    private const int StandardMode = 0x124; // 0444 in octal

    public YamlMapping Write()
    {
        var service = Plain();
        ContainerKeysWriter.Write(spec, service);
        service["x-wherry"] = new WherryWriter(spec, beside).Write().OrNothing();
        return service;
    }

    private YamlMapping Plain() => new()
    {
        ["image"] = spec.Image?.Value,
        ["build"] = Build(),
        ["profiles"] = Escaped.Some(spec.Profiles),
        ["entrypoint"] = Escaped.List(spec.Entrypoint),
        ["command"] = Escaped.List(spec.Command),
        ["user"] = Escaped.Text(spec.User),
        ["working_dir"] = Escaped.Text(spec.WorkingDir),
        ["init"] = spec.Init is { } init ? init : null,
        ["environment"] = Escaped.Pairs(spec.Environment),
        ["ports"] = new YamlSequence(spec.Ports.Select(Port)).OrNothing(),
        ["expose"] = new YamlSequence(spec.Expose.Select(e => e.Protocol == "tcp" ? TextForm.Of(e.Port) : $"{TextForm.Of(e.Port)}/{e.Protocol}")).OrNothing(),
        ["networks"] = Networks(),
        ["extra_hosts"] = Escaped.Some(spec.ExtraHosts),
        ["volumes"] = MountWriter.Write(spec.Mounts).Volumes,
        ["tmpfs"] = MountWriter.Write(spec.Mounts).Tmpfs,
        ["secrets"] = Files(secret: true),
        ["configs"] = Files(secret: false),
        ["depends_on"] = DependsOn(),
        ["healthcheck"] = Healthcheck(),
        ["restart"] = Restart(),
        ["stop_signal"] = Escaped.Text(spec.StopSignal),
        ["stop_grace_period"] = spec.StopGrace is { } grace ? TextForm.Of(grace) : null,
        ["cap_add"] = Escaped.Some(spec.CapAdd),
        ["cap_drop"] = Escaped.Some(spec.CapDrop),
        ["ulimits"] = Ulimits(),
        ["shm_size"] = TextForm.Of(spec.ShmSize),
        ["deploy"] = Deploy(),
        ["labels"] = Escaped.Pairs(spec.Labels),
    };

    private YamlMapping? Build() => spec.Build is not { } build ? null : new()
    {
        ["context"] = build.Context == SourcePath.Root ? "." : $"./{Escaped.Text(build.Context.Value)}",
        ["dockerfile"] = build.Dockerfile == new BuildSpec().Dockerfile ? null : Escaped.Text(build.Dockerfile),
        ["target"] = Escaped.Text(build.Target),
        ["args"] = Escaped.Pairs(build.Args),
        ["labels"] = Escaped.Pairs(build.Labels),
        ["cache_from"] = Escaped.Some(build.CacheFrom.Select(c => c.Value)),
    };

    /// <summary>The short form has no word for the mode.</summary>
    private static YamlValue Port(PublishedPort port) => port.Mode is not { } mode ? new YamlLeaf(ShortPort(port), IsText: true) : new YamlMapping
    {
        ["target"] = port.ContainerPort,
        ["published"] = port.HostPort is { } number ? TextForm.Of(number) : null,
        ["host_ip"] = port.HostAddress,
        ["protocol"] = port.Protocol,
        ["mode"] = TextForm.Of(mode),
    };

    private static string ShortPort(PublishedPort port)
    {
        var address = port.HostAddress is { } a ? $"{(a.Contains(':', StringComparison.Ordinal) ? $"[{a}]" : a)}:" : "";
        var host = port.HostPort is { } number ? $"{TextForm.Of(number)}:" : address.Length > 0 ? ":" : "";
        return $"{address}{host}{TextForm.Of(port.ContainerPort)}{(port.Protocol == "tcp" ? "" : $"/{port.Protocol}")}";
    }

    /// <summary>The network <c>default</c> alone is what a service without networks has.</summary>
    private YamlValue? Networks()
    {
        if (spec.Sharing?.Network is not null)
        {
            return null;
        }

        if (spec.Networks is { Count: 1 } && spec.Networks.TryGetValue("default", out var only) && Attachment(only) is not YamlMapping)
        {
            return null;
        }

        if (!spec.Networks.Values.Any(n => Attachment(n) is YamlMapping))
        {
            return new YamlSequence(spec.Networks.Keys.Order(StringComparer.Ordinal));
        }

        var networks = new YamlMapping();
        foreach (var (name, attachment) in spec.Networks.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            networks[name] = Attachment(attachment);
        }

        return networks;
    }

    private static YamlValue Attachment(NetworkAttachment attachment) =>
        new YamlMapping { ["aliases"] = Escaped.Some(attachment.Aliases), ["ipv4_address"] = attachment.Ipv4Address }.OrNothing() ?? YamlValue.Null;

    private YamlSequence? Files(bool secret) => new YamlSequence(spec.Files.Where(f => f.Secret == secret).Select(f => new YamlMapping
    {
        ["source"] = beside.Name(f, spec.Name),
        ["target"] = Escaped.Text(f.Target),
        ["uid"] = f.Uid == 0 ? null : TextForm.Of(f.Uid),
        ["gid"] = f.Gid == 0 ? null : TextForm.Of(f.Gid),
        ["mode"] = f.Mode == StandardMode ? null : TextForm.OfMode(f.Mode),
    })).OrNothing();

    private YamlMapping? DependsOn()
    {
        var all = new YamlMapping();
        foreach (var dependency in spec.DependsOn)
        {
            all[dependency.Service.Value] = new YamlMapping
            {
                ["condition"] = dependency.Condition switch
                {
                    DependencyCondition.Healthy => "service_healthy",
                    DependencyCondition.CompletedSuccessfully => "service_completed_successfully",
                    _ => "service_started",
                },
                ["required"] = dependency.Required ? null : false,
                ["restart"] = dependency.Restart ? true : null,
            };
        }

        return all.OrNothing();
    }

    private YamlMapping? Healthcheck() => spec.Healthcheck is not { } check ? null : new()
    {
        ["test"] = Escaped.Some(check.Test),
        ["interval"] = check.Interval is { } interval ? TextForm.Of(interval) : null,
        ["timeout"] = check.Timeout is { } timeout ? TextForm.Of(timeout) : null,
        ["retries"] = check.Retries is { } retries ? retries : null,
        ["start_period"] = check.StartPeriod is { } period ? TextForm.Of(period) : null,
        ["start_interval"] = check.StartInterval is { } first ? TextForm.Of(first) : null,
    };

    private string Restart() => spec.Restart switch
    {
        { Condition: RestartCondition.OnFailure, MaxAttempts: { } attempts } => $"on-failure:{TextForm.Of(attempts)}",
        var policy => TextForm.Of(policy.Condition),
    };

    private YamlMapping? Ulimits()
    {
        var all = new YamlMapping();
        foreach (var limit in spec.Ulimits)
        {
            all[limit.Name] = limit.Soft == limit.Hard ? limit.Soft : new YamlMapping { ["soft"] = limit.Soft, ["hard"] = limit.Hard };
        }

        return all.OrNothing();
    }

    private YamlMapping? Deploy() => new YamlMapping
    {
        ["replicas"] = spec.Replicas == 1 ? null : spec.Replicas,
        ["resources"] = new YamlMapping
        {
            ["limits"] = new YamlMapping
            {
                ["cpus"] = spec.Resources.Cpus is { } cpus ? TextForm.Of(cpus) : null,
                ["memory"] = TextForm.Of(spec.Resources.Memory),
                ["pids"] = spec.Resources.Pids is { } pids ? pids : null,
            }.OrNothing(),
            ["reservations"] = new YamlMapping { ["memory"] = TextForm.Of(spec.Resources.MemoryReservation), ["devices"] = ContainerKeysWriter.Reservations(spec.Sharing) }.OrNothing(),
        }.OrNothing(),
        ["update_config"] = DeployWriter.UpdateConfig(spec),
    }.OrNothing();
}
