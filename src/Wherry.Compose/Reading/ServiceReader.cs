using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary>One entry of <c>services</c>.</summary>
internal static class ServiceReader
{
    public static FoundService Read(ServiceName name, Fields f, ServiceContext service)
    {
        var scale = ResourceReader.Read(f);
        var sharing = SharingReader.Read(f);
        var links = LinkReader.ReadLinks(f["links"]);
        var dependencies = DependencyReader.With(DependencyReader.Read(f["depends_on"]), [.. links.Select(l => (l.Field, l.Service)), .. sharing.Needs]);
        var bound = new List<FileMount>();
        var plain = WithProcess(new() { Name = name }, f) with
        {
            Image = f["image"]?.Value<ImageReference>(),
            Build = BuildReader.Read(f["build"], service),
            Environment = EnvironmentReader.Read(f, service),
            Ports = sharing.Sharing?.Network is { Mode: NamespaceMode.Host } ? [] : PortReader.ReadPublished(f["ports"]),
            Expose = PortReader.ReadExposed(f["expose"]),
            Mounts = VolumeReader.Read(f, service, bound),
            Networks = sharing.HasNetwork ? [] : NetworkReader.Read(f["networks"], service),
            Sharing = sharing.Sharing,
            Healthcheck = HealthcheckReader.Read(f["healthcheck"]),
            DependsOn = [.. dependencies.Select(d => d.Dependency)],
            Replicas = scale.Replicas,
            Resources = scale.Resources,
            Deploy = scale.Deploy,
            Restart = scale.Restart ?? new(),
            Labels = LabelReader.Read(f, service),
            Naming = NamingReader.Read(f),
            Isolation = IsolationReader.Read(f, service),
            Tuning = TuningReader.Read(f, scale.Resources),
            Files = FileMountReader.Read(f, service, bound),
            Profiles = f["profiles"]?.Texts() ?? [],
        };
        var extension = WherryReader.Read(f["x-wherry"], plain, service);
        var spec = plain with
        {
            Build = plain.Build ?? (extension.Source is not null && !f.Has("build") ? new() : null),
            Routes = [.. extension.Routes.Select(r => r.Route)],
            Tcp = extension.Tcp.Count > 0 ? [.. extension.Tcp.Select(r => r.Route)] : null,
            Tls = extension.Tls,
            CanonicalHost = extension.CanonicalHost,
            Rules = extension.Rules,
            Health = extension.Health,
            Deploy = extension.Deploy,
            Canary = extension.Canary,
            Release = extension.Release,
            Source = extension.Source,
        };
        var found = new FoundService(spec, dependencies, extension.Routes, extension.Tcp, HasRestart: scale.Restart is not null, f) { ContainerName = LinkReader.ReadContainerName(f["container_name"]), Links = links };
        Check(f, spec);
        SharingReader.Check(f, spec);
        f.Ignore("it is for development on a laptop", "develop");
        f.Ignore("logs are followed by wherry logs", "attach");
        f.Refuse(UnsupportedKeys.Service);
        f.Close();
        return found;
    }

    private static ServiceSpec WithProcess(ServiceSpec spec, Fields f) => spec with
    {
        Command = f["command"]?.Words(),
        Entrypoint = f["entrypoint"]?.Words(),
        User = f["user"]?.Filled(),
        WorkingDir = f["working_dir"]?.Filled(),
        StopSignal = f["stop_signal"]?.Filled(),
        StopGrace = f["stop_grace_period"]?.Duration(),
        Init = f["init"]?.Bool(),
        CapAdd = f["cap_add"]?.Texts() ?? [],
        CapDrop = f["cap_drop"]?.Texts() ?? [],
        Ulimits = UlimitReader.Read(f["ulimits"]),
        ShmSize = f["shm_size"]?.Size(),
        ExtraHosts = HostsReader.Read(f["extra_hosts"]),
        Logging = LoggingReader.Read(f["logging"]),
        Platform = PlatformReader.Read(f["platform"]),
        Tty = f["tty"]?.Bool() is true ? true : null,
        StdinOpen = f["stdin_open"]?.Bool() is true ? true : null,
        Pull = LifecycleReader.ReadPull(f),
        PostStart = LifecycleReader.ReadHooks(f["post_start"]),
        PreStop = LifecycleReader.ReadHooks(f["pre_stop"]),
        Annotations = Lists.Pairs(f["annotations"]),
    };

    private static void Check(Fields f, ServiceSpec spec)
    {
        if (!f.Has("image") && !f.Has("build") && spec.Source is null)
        {
            f.Wrong("compose/image-missing", "needs an image or a build", "Write image: with a name, or build: with the folder of a Dockerfile.");
        }

        if (spec.Source is not null && f.Has("image") && !f.Has("build"))
        {
            f.Wrong("compose/value", "has a source but runs an image", "Add build: ., or remove x-wherry.source.");
        }

        if (spec.Replicas > 1 && spec.Networks.FirstOrDefault(n => n.Value.IsFixed()) is { Key: { } network })
        {
            f["networks"]!.Wrong($"{spec.Replicas} replicas cannot share one address in {network}", "Use one replica, or remove the address.");
        }

        if (spec.Isolation is { ReadOnly: true } && spec.Files.Count > 0)
        {
            f["read_only"]!.Wrong("compose/unsupported-key", "the engine puts no files (secrets, configs, files of the source) into a container that is read-only", "Remove read_only, or bring the files in the image or in a volume.");
        }

        if (spec.Replicas > 1 && spec.Naming?.MacAddress is not null)
        {
            f["mac_address"]!.Wrong($"{spec.Replicas} replicas cannot share one hardware address", "Use one replica, or remove mac_address.");
        }

        if (spec.Replicas > 1 && spec.Ports.FirstOrDefault(p => p.HostPort is not null && !p.IsForEdge()) is { } port)
        {
            f["ports"]!.Wrong($"{spec.Replicas} replicas cannot share host port {port.HostPort}/{port.Protocol}", "Use one replica, or leave the host's port out.");
        }
    }
}

/// <summary>A service and what is checked when all are known.</summary>
internal sealed record FoundService(ServiceSpec Spec, IReadOnlyList<FoundDependency> Dependencies, IReadOnlyList<FoundRoute> Routes, IReadOnlyList<FoundTcpRoute> Tcp, bool HasRestart, Fields Fields)
{
    public string? ContainerName { get; init; }

    public IReadOnlyList<FoundLink> Links { get; init; } = [];
}
