using System.Text.Json;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Routing;

namespace Wherry.Core.Tests.Model;

/// <summary>What a change of each setting does: a new container, another route, or nothing.</summary>
public sealed class SpecHashTests
{
    /// <summary>Every property of a service, with a change of it. A new property fails the tests below until it stands here.</summary>
    private static readonly Dictionary<string, (ChangeKind Kind, Func<ServiceSpec, ServiceSpec> Change)> Fields = new()
    {
        [nameof(ServiceSpec.Image)] = (ChangeKind.Replace, s => s with { Image = ImageReference.Parse("image:2") }),
        [nameof(ServiceSpec.Command)] = (ChangeKind.Replace, s => s with { Command = ["serve"] }),
        [nameof(ServiceSpec.Entrypoint)] = (ChangeKind.Replace, s => s with { Entrypoint = [] }),
        [nameof(ServiceSpec.Environment)] = (ChangeKind.Replace, s => s with { Environment = new Dictionary<string, string> { ["A"] = "2" } }),
        [nameof(ServiceSpec.Ports)] = (ChangeKind.Replace, s => s with { Ports = [new(null, 5432, 5432, "tcp")] }),
        [nameof(ServiceSpec.Expose)] = (ChangeKind.Replace, s => s with { Expose = [new(9000, "tcp")] }),
        [nameof(ServiceSpec.Mounts)] = (ChangeKind.Replace, s => s with { Mounts = [new(MountKind.Bind, "/srv", "/srv", true)] }),
        [nameof(ServiceSpec.Networks)] = (ChangeKind.Replace, s => s with { Networks = new Dictionary<string, NetworkAttachment> { ["back"] = new(["db"]) } }),
        [nameof(ServiceSpec.Healthcheck)] = (ChangeKind.Replace, s => s with { Healthcheck = new(["CMD", "true"], null, null, null, null) }),
        [nameof(ServiceSpec.Resources)] = (ChangeKind.Replace, s => s with { Resources = new(Memory: ByteSize.Parse("1g")) }),
        [nameof(ServiceSpec.Restart)] = (ChangeKind.Replace, s => s with { Restart = new(RestartCondition.Always) }),
        [nameof(ServiceSpec.Labels)] = (ChangeKind.Replace, s => s with { Labels = new Dictionary<string, string> { ["a"] = "b" } }),
        [nameof(ServiceSpec.User)] = (ChangeKind.Replace, s => s with { User = "1000" }),
        [nameof(ServiceSpec.WorkingDir)] = (ChangeKind.Replace, s => s with { WorkingDir = "/app" }),
        [nameof(ServiceSpec.StopSignal)] = (ChangeKind.Replace, s => s with { StopSignal = "SIGQUIT" }),
        [nameof(ServiceSpec.StopGrace)] = (ChangeKind.Replace, s => s with { StopGrace = TimeSpan.Zero }),
        [nameof(ServiceSpec.Init)] = (ChangeKind.Replace, s => s with { Init = true }),
        [nameof(ServiceSpec.CapAdd)] = (ChangeKind.Replace, s => s with { CapAdd = ["NET_ADMIN"] }),
        [nameof(ServiceSpec.CapDrop)] = (ChangeKind.Replace, s => s with { CapDrop = ["ALL"] }),
        [nameof(ServiceSpec.Ulimits)] = (ChangeKind.Replace, s => s with { Ulimits = [new("nofile", 1024, -1)] }),
        [nameof(ServiceSpec.ShmSize)] = (ChangeKind.Replace, s => s with { ShmSize = ByteSize.Parse("128m") }),
        [nameof(ServiceSpec.ExtraHosts)] = (ChangeKind.Replace, s => s with { ExtraHosts = ["a:1.2.3.4"] }),
        [nameof(ServiceSpec.Naming)] = (ChangeKind.Replace, s => s with { Naming = new("boat") }),
        [nameof(ServiceSpec.Isolation)] = (ChangeKind.Replace, s => s with { Isolation = new() { ReadOnly = true } }),
        [nameof(ServiceSpec.Sharing)] = (ChangeKind.Replace, s => s with { Sharing = new() { Privileged = true, Pid = new(NamespaceMode.Host) } }),
        [nameof(ServiceSpec.Tuning)] = (ChangeKind.Replace, s => s with { Tuning = new() { CpuShares = 2, BlockIo = new(Weight: 10) } }),
        [nameof(ServiceSpec.Logging)] = (ChangeKind.Replace, s => s with { Logging = new("local", new Dictionary<string, string> { ["max-size"] = "1m" }) }),
        [nameof(ServiceSpec.Platform)] = (ChangeKind.Replace, s => s with { Platform = Platform.Parse("linux/arm64") }),
        [nameof(ServiceSpec.Tty)] = (ChangeKind.Replace, s => s with { Tty = true }),
        [nameof(ServiceSpec.StdinOpen)] = (ChangeKind.Replace, s => s with { StdinOpen = true }),
        [nameof(ServiceSpec.Annotations)] = (ChangeKind.Replace, s => s with { Annotations = new Dictionary<string, string> { ["a"] = "b" } }),
        [nameof(ServiceSpec.Files)] = (ChangeKind.Replace, s => s with { Files = [new("/run/secrets/a", [1], 0x124, 0, 0, true)] }),
        [nameof(ServiceSpec.Routes)] = (ChangeKind.Reroute, s => s with { Routes = [A.Route("web.test"), A.Route("www.web.test")] }),
        [nameof(ServiceSpec.Tcp)] = (ChangeKind.Reroute, s => s with { Tcp = [new(5432, 5432)] }),
        [nameof(ServiceSpec.Tls)] = (ChangeKind.Reroute, s => s with { Tls = new() { Source = TlsSource.Internal } }),
        [nameof(ServiceSpec.CanonicalHost)] = (ChangeKind.Reroute, s => s with { CanonicalHost = HostName.Parse("web.test") }),
        [nameof(ServiceSpec.Rules)] = (ChangeKind.Reroute, s => s with { Rules = new() { ErrorPages = new Dictionary<string, string> { ["503"] = "closed" } } }),
        [nameof(ServiceSpec.Health)] = (ChangeKind.Reroute, s => s with { Health = new() { Path = "/up" } }),
        [nameof(ServiceSpec.Replicas)] = (ChangeKind.Scale, s => s with { Replicas = 2 }),
        [nameof(ServiceSpec.Deploy)] = (ChangeKind.None, s => s with { Deploy = new() { Strategy = DeployStrategy.BlueGreen, Surge = 3, Keep = 9 } }),
        [nameof(ServiceSpec.Canary)] = (ChangeKind.None, s => s with { Canary = new() { Stages = [new(5)] } }),
        [nameof(ServiceSpec.DependsOn)] = (ChangeKind.None, s => s.After("db")),
        [nameof(ServiceSpec.Build)] = (ChangeKind.None, s => s with { Build = new() { Target = "production" } }),
        [nameof(ServiceSpec.Source)] = (ChangeKind.None, s => s with { Source = new(GitUrl.Parse("https://git.test/a.git"), null, SourcePath.Root) }),
        [nameof(ServiceSpec.Pull)] = (ChangeKind.None, s => s with { Pull = new(PullWhen.Always) }),
        [nameof(ServiceSpec.PostStart)] = (ChangeKind.Replace, s => s with { PostStart = [new(["a"], null, false, null, new Dictionary<string, string>())] }),
        [nameof(ServiceSpec.PreStop)] = (ChangeKind.Replace, s => s with { PreStop = [new(["a"], "root", true, "/", new Dictionary<string, string>())] }),
        [nameof(ServiceSpec.Profiles)] = (ChangeKind.None, s => s with { Profiles = ["debug"] }),
        [nameof(ServiceSpec.Release)] = (ChangeKind.None, s => s with { Release = ["migrate"] }),
        [nameof(ServiceSpec.Name)] = (ChangeKind.Add, s => s with { Name = A.Name("other"), Routes = [A.Route("other.test")] }),
    };

    public static TheoryData<string> Names => [.. Fields.Keys];

    [Fact]
    public void Every_setting_of_a_service_is_classified() =>
        Assert.Equal(typeof(ServiceSpec).GetProperties().Select(p => p.Name).Order(), Fields.Keys.Order());

    [Theory, MemberData(nameof(Names))]
    public void UC_04_A_changed_setting_does_what_it_needs_and_no_more(string field)
    {
        var (kind, change) = Fields[field];
        var db = A.Worker("db");

        var plan = A.Plan(A.Release(1, A.Web(), db), A.Release(2, change(A.Web()), db));

        Assert.Equal(kind, plan.Changes.Single(c => c.Service != db.Name).Kind);
        Assert.Equal(kind is ChangeKind.Replace or ChangeKind.Add or ChangeKind.Scale, plan.Steps.Any(s => s is Step.StartReplicas));
        Assert.Equal(kind is ChangeKind.None, plan.Steps.Count == 0);
        Assert.DoesNotContain(plan.Steps, s => s.About() == db.Name);
    }

    [Theory, MemberData(nameof(Names))]
    public void The_hash_differs_exactly_when_a_new_container_is_needed(string field)
    {
        var (kind, change) = Fields[field];

        Assert.Equal(kind is ChangeKind.Replace or ChangeKind.Add, SpecHash.Of(A.Web()) != SpecHash.Of(change(A.Web())));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_hash_outlives_being_stored(string field)
    {
        var spec = Fields[field].Change(A.Web());
        var json = JsonSerializer.Serialize(spec, ModelJson.Default.ServiceSpec);
        var read = JsonSerializer.Deserialize(json, ModelJson.Default.ServiceSpec)!;

        Assert.Equal(json, JsonSerializer.Serialize(read, ModelJson.Default.ServiceSpec));
        Assert.Equal(SpecHash.Of(spec), SpecHash.Of(read));
    }

    [Fact]
    public void A_drain_time_is_told_to_the_edge_without_a_new_container() =>
        Assert.Equal(["send traffic to web-1 and drain the others"], A.Plan(A.Release(1, A.Web()), A.Release(2, A.Web() with { Deploy = new() { Drain = TimeSpan.FromSeconds(5) } })).Steps.Select(s => s.Describe()));

    [Fact]
    public void A_health_command_runs_inside_and_needs_a_new_container() =>
        Assert.NotEqual(SpecHash.Of(A.Web()), SpecHash.Of(A.Web() with { Health = new() { Command = ["true"] } }));

    [Fact]
    public void UC_04_The_same_in_another_order_is_the_same() => Assert.Equal(
        SpecHash.Of(Everything(a => a)),
        SpecHash.Of(Everything(a => a.Reverse())));

    [Fact]
    public void The_order_of_a_command_and_of_host_entries_matters()
    {
        Assert.NotEqual(SpecHash.Of(A.Web() with { Command = ["a", "b"] }), SpecHash.Of(A.Web() with { Command = ["b", "a"] }));
        Assert.NotEqual(SpecHash.Of(A.Web() with { ExtraHosts = ["a:1.1.1.1", "a:2.2.2.2"] }), SpecHash.Of(A.Web() with { ExtraHosts = ["a:2.2.2.2", "a:1.1.1.1"] }));
    }

    [Fact]
    public void DP_28_No_grace_at_all_is_not_the_default_grace() =>
        Assert.NotEqual(SpecHash.Of(A.Web() with { StopGrace = TimeSpan.Zero }), SpecHash.Of(A.Web() with { StopGrace = null }));

    [Fact]
    public void Differences_are_named_and_their_values_are_not()
    {
        var why = SpecHash.Differences(A.Web(), A.Web(image: "image:2") with { Environment = new Dictionary<string, string> { ["PASSWORD"] = "hunter2" } });

        Assert.Equal("environment, image", why);
    }

    private static ServiceSpec Everything(Func<IEnumerable<string>, IEnumerable<string>> order) => A.Web() with
    {
        Mounts = [.. order(["a", "b"]).Select(A.Volume)],
        Ports = [.. order(["1", "2"]).Select(p => new PublishedPort(null, int.Parse(p, null), 80, "tcp"))],
        Expose = [.. order(["1", "2"]).Select(p => new ExposedPort(int.Parse(p, null), "tcp"))],
        CapAdd = [.. order(["A", "B"])],
        CapDrop = [.. order(["C", "D"])],
        Ulimits = [.. order(["nofile", "nproc"]).Select(n => new Ulimit(n, 1, 1))],
        Files = [.. order(["/a", "/b"]).Select(t => new FileMount(t, [1], 0, 0, 0, false))],
        Environment = order(["A", "B"]).ToDictionary(k => k, k => k),
        Labels = order(["A", "B"]).ToDictionary(k => k, k => k),
        Networks = order(["a", "b"]).ToDictionary(n => n, _ => new NetworkAttachment([.. order(["x", "y"])])),
    };
}
