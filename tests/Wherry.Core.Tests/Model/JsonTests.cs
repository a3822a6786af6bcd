using System.Text.Json;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Routing;
using Wherry.Core.Tests.Simulation;

namespace Wherry.Core.Tests.Model;

public sealed class JsonTests
{
    private static readonly ServiceSpec Full = new()
    {
        Name = A.Name("web"),
        Image = ImageReference.Parse("registry:5000/app:1"),
        Build = new BuildSpec { Context = SourcePath.Parse("api"), Dockerfile = "Dockerfile.prod", Target = "run", Args = Pair("A", "1"), Labels = Pair("l", "m"), CacheFrom = [ImageReference.Parse("app:cache")] },
        Command = ["serve", "--port", "80"],
        Entrypoint = [],
        Environment = Pair("KEY", "va\"lue\n€"),
        Ports = [new("127.0.0.1", 5432, 5432, "tcp"), new(null, null, 53, "udp")],
        Expose = [new(80, "tcp")],
        Mounts = [A.Volume("data"), new(MountKind.Tmpfs, null, "/tmp", false, ByteSize.Parse("1024t"), Options: new() { Mode = 0x1FF, Tmpfs = ["exec"] })],
        Networks = new Dictionary<string, NetworkAttachment> { ["default"] = new(["web"], "10.1.0.9") },
        Healthcheck = new(["CMD-SHELL", "true"], TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(2), 3, TimeSpan.FromSeconds(4)),
        DependsOn = [new(A.Name("db"), DependencyCondition.Healthy, false, true)],
        Replicas = 3,
        Resources = new(0.25, ByteSize.Parse("1g"), 100, ByteSize.Parse("1m")),
        Restart = new(RestartCondition.OnFailure, 5),
        Labels = Pair("x", "y"),
        User = "1000:1000",
        WorkingDir = "/app",
        StopSignal = "SIGINT",
        StopGrace = TimeSpan.Zero,
        Init = false,
        CapAdd = ["A"],
        CapDrop = ["B"],
        Ulimits = [new("nofile", 1, -1)],
        ShmSize = ByteSize.Parse("64m"),
        ExtraHosts = ["a:1.2.3.4"],
        Naming = new("boat", "test", ["9.9.9.9"], ["a"], ["b"], "02:42:ac:11:00:05"),
        Isolation = new() { ReadOnly = true, SecurityOpt = ["a"], Sysctls = Pair("a", "b"), Runtime = "runc" },
        Sharing = new() { Privileged = true, Devices = [new("/dev/a", "/dev/b", "r")], DeviceRequests = [new("cdi", -1, ["x"], ["gpu"], Pair("a", "b"))], Network = new(NamespaceMode.Service, A.Name("vpn")), Ipc = new(NamespaceMode.Container, Container: "c"), VolumesFrom = [new(A.Name("db"), null, true)] },
        Tuning = new() { CpuShares = 2, MemorySwap = -1, OomKillDisable = true, BlockIo = new(10, ReadBps: [new("/dev/sda", 5)]) },
        Logging = new("local", Pair("max-size", "1m")),
        Platform = Platform.Parse("linux/arm64/v8"),
        Pull = new(PullWhen.Aged, TimeSpan.FromDays(1)),
        PostStart = [new(["a"], "root", true, "/", Pair("a", "b"))],
        PreStop = [new(["b"], null, false, null, Pair("a", "b"))],
        Tty = true,
        StdinOpen = true,
        Annotations = Pair("a", "b"),
        Files = [new("/run/secrets/a", [0, 255, 10], 0x124, 1, 2, true)],
        Profiles = ["debug"],
        Routes = [A.Route("*.bücher.example", "/api", 8080) with { StripPrefix = true, Protocol = RouteProtocol.H2c }, new Route(null, PathPrefix.Root, 80)],
        Tcp = [new(5432, 5433) { Address = "::1", SilentFor = TimeSpan.FromDays(1), MaxConnections = 7, SendProxy = 2 }],
        Tls = new() { Source = TlsSource.Internal, Redirect = false },
        CanonicalHost = HostName.Parse("shop.bücher.example"),
        Rules = new() { ErrorPages = new Dictionary<string, string> { ["503"] = "<p>{{message}}</p>" }, Balance = Balance.LeastRequests, Readers = new(), Outliers = new() { PanicBelow = 0 }, Quiet = new() { Log = ["/up"] }, Files = new() { From = "/dist", Spa = true, Immutable = ["/assets"] } },
        Health = new() { Path = "/up", Port = 81, Host = "x", Command = ["c"], Interval = TimeSpan.FromMilliseconds(1), Timeout = TimeSpan.FromDays(1), Deadline = TimeSpan.FromMinutes(2) },
        Deploy = new() { ProgressDeadline = TimeSpan.FromSeconds(9), Monitor = TimeSpan.FromSeconds(3), FailureAction = FailureAction.Pause, Canary = 2, AutoPromote = true, Strategy = DeployStrategy.BlueGreen, Surge = 2, Drain = TimeSpan.Zero, Keep = 1 },
        Canary = new() { Stages = [new(5, TimeSpan.FromMinutes(10)), new(10, Mirrored: true)], Cookie = "user", Allow = ["ann"], Guard = new() { Errors = 1, P95 = TimeSpan.FromSeconds(1), Restarts = 2, Requests = 5 }, Mirror = new() { MaxBody = ByteSize.Parse("1k"), Methods = ["POST"] } },
        Release = ["migrate"],
        Source = new(GitUrl.Parse("https://u:p@git.test/a.git"), GitRef.Parse("main"), SourcePath.Root),
    };

    [Fact]
    public void No_setting_of_a_service_is_left_at_its_default_here() => Assert.All(
        typeof(ServiceSpec).GetProperties(),
        p => Assert.NotEqual(JsonSerializer.Serialize(p.GetValue(new ServiceSpec { Name = A.Name("other") })), JsonSerializer.Serialize(p.GetValue(Full))));

    /// <summary>A release and a plan that an older Wherry wrote do not know the newer keys.</summary>
    [Fact]
    public void What_an_older_wherry_left_out_has_its_default()
    {
        var deploy = JsonSerializer.Deserialize("""{ "name": "web", "deploy": { "surge": 1, "drain": "00:00:30", "keep": 5 } }""", ModelJson.Default.ServiceSpec)!.Deploy;
        var web = JsonSerializer.Deserialize("""{ "name": "web", "routes": [{ "host": "web.test", "path": "/", "port": 80 }] }""", ModelJson.Default.ServiceSpec)!;
        var plan = JsonSerializer.Deserialize("""{ "steps": [], "changes": [], "orphans": [] }""", PlanJson.Default.Plan)!;

        Assert.Equal(new DeploySpec(), deploy);
        Assert.Equal((null, null), (web.Tls, web.CanonicalHost));
        Assert.Equal(new TlsSettings(), JsonSerializer.Deserialize("""{ "name": "web", "tls": {} }""", ModelJson.Default.ServiceSpec)!.Tls);
        Assert.Empty(plan.Rollouts);
        Assert.Empty(plan.Notes);
    }

    [Fact]
    public void A_model_is_read_as_it_was_written()
    {
        var model = new ProjectModel
        {
            Name = ProjectName.Parse("shop"),
            Services = new Dictionary<ServiceName, ServiceSpec> { [Full.Name] = Full, [A.Name("db")] = A.Worker("db") },
            Volumes = new Dictionary<string, VolumeSpec> { ["data"] = new() { ExplicitName = "d", External = true, Driver = "nfs", DriverOptions = Pair("a", "b"), Labels = Pair("c", "d") } },
            Networks = new Dictionary<string, NetworkSpec> { ["default"] = new() { ExplicitName = "n", External = true, Driver = "bridge", Internal = true, DriverOptions = Pair("a", "b"), Labels = Pair("c", "d") } },
        };
        var json = JsonSerializer.Serialize(model, ModelJson.Default.ProjectModel);

        var read = JsonSerializer.Deserialize(json, ModelJson.Default.ProjectModel)!;

        Assert.Equal(json, JsonSerializer.Serialize(read, ModelJson.Default.ProjectModel));
        Assert.Equal(Full.Files[0].Content, read.Services[Full.Name].Files[0].Content);
        Assert.Equal(TimeSpan.Zero, read.Services[Full.Name].StopGrace);
        Assert.Equal([], read.Services[Full.Name].Entrypoint!);
        Assert.Null(read.Services[A.Name("db")].Entrypoint);
        Assert.Equal("https://u:p@git.test/a.git", read.Services[Full.Name].Source!.Url.Value);
        Assert.Equal(SpecHash.Of(Full), SpecHash.Of(read.Services[Full.Name]));
    }

    [Fact]
    public void A_plan_is_read_as_it_was_written()
    {
        Step[] steps =
        [
            new Step.EnsureNetwork("n"), new Step.EnsureVolume("v"), new Step.RunRelease(Full.Name), new Step.RunToCompletion(Full.Name, 1, false), new Step.StartReplicas(Full.Name, [1, 2]),
            new Step.WakeReplicas(Full.Name, [1]), new Step.AwaitHealthy(Full.Name, [1], false), new Step.HoldTraffic(Full.Name), new Step.ReleaseTraffic(Full.Name), new Step.SwitchTraffic(Full.Name, []),
            new Step.RemoveRoutes(Full.Name), new Step.StopReplicas(Full.Name, [3]), new Step.RemoveReplicas(Full.Name, [3]),
        ];
        var plan = new Plan { Steps = steps, Changes = [new(Full.Name, ChangeKind.Replace, "image")], Orphans = [A.Name("old")] };
        var json = JsonSerializer.Serialize(plan, PlanJson.Default.Plan);

        var read = JsonSerializer.Deserialize(json, PlanJson.Default.Plan)!;

        Assert.Equal(json, JsonSerializer.Serialize(read, PlanJson.Default.Plan));
        Assert.Equal(plan.Hash, read.Hash);
        Assert.Equal(steps.Select(s => s.GetType()), read.Steps.Select(s => s.GetType()));
        Assert.False(((Step.AwaitHealthy)read.Steps[6]).Required);
    }

    [Fact]
    public void Every_plan_can_be_stored()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var scenario = Scenario.From(seed, bad: false);
            var plan = Planner.Make(new PlanInput { Current = scenario.Current, Wanted = scenario.Wanted, Seen = scenario.UntidyWorld().Observe() });

            Assert.Equal(plan.Hash, JsonSerializer.Deserialize(JsonSerializer.Serialize(plan, PlanJson.Default.Plan), PlanJson.Default.Plan)!.Hash);
        }
    }

    [Fact]
    public void The_order_of_keys_in_a_stored_model_does_not_change_its_hash()
    {
        var one = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["A"] = "1", ["B"] = "2" };
        var two = new SortedDictionary<string, string>(Comparer<string>.Create((a, b) => string.CompareOrdinal(b, a))) { ["A"] = "1", ["B"] = "2" };

        Assert.Equal(SpecHash.Of(Full with { Environment = one, Labels = one }), SpecHash.Of(Full with { Environment = two, Labels = two }));
    }

    [Fact]
    public void A_stored_value_that_is_not_valid_is_refused_when_it_is_read() =>
        Assert.ThrowsAny<Exception>(() => JsonSerializer.Deserialize("""{"name":"../web"}""", ModelJson.Default.ServiceSpec));

    private static Dictionary<string, string> Pair(string key, string value) => new() { [key] = value };
}
