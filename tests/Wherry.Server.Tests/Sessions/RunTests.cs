using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Sessions;

public sealed class RunTests : SessionTests
{
    [Fact]
    public async Task DC_13_A_variable_of_the_call_wins_over_that_of_the_service_for_this_command_alone()
    {
        await ReleaseAsync();

        var shell = await Shell.RunAsync(Client, new ExecRequest(["sh", "-c", "echo $COLOUR $SHAPE; exit 9"], new Dictionary<string, string> { ["COLOUR"] = "call" }));
        Assert.Equal((9, "call service\n"), (shell.Exit, shell.Text));

        Assert.Equal("service service\n", (await Shell.RunAsync(Client, new ExecRequest(["sh", "-c", "echo $COLOUR $SHAPE"]))).Text);
    }

    [Fact]
    public async Task The_container_has_the_services_files_and_input_and_is_gone_afterwards()
    {
        await ReleaseAsync();

        var shell = await Shell.RunAsync(Client, new ExecRequest(["sh", "-c", "cat /run/secrets/key -"]), "from the caller"u8.ToArray());

        Assert.Equal((0, "from the file;from the caller"), (shell.Exit, shell.Text));
        await WaitAsync(async () => (await Replicas.ListAsync()).Count == 0);
    }

    [Fact]
    public async Task While_it_runs_it_is_no_replica_and_binds_no_port()
    {
        await ReleaseAsync();
        using var session = await Client.RunAsync("shop", "production", "web", Ct);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var ended = SessionPump.RunAsync(session, new ExecRequest(["sleep", "600"]), Stream.Null, Stream.Null, Stream.Null, null, leave.Token);
        await WaitAsync(async () => (await Replicas.ListAsync(Labels.OneOff)).Any(c => c.State == Docker.ContainerState.Running));

        var container = Assert.Single(await Replicas.ListAsync(Labels.OneOff));
        Assert.Equal("run", container.Labels[Labels.OneOff]);
        Assert.False(container.Labels.ContainsKey(Labels.Replica));
        Assert.Empty(container.Ports);
        var refused = await Assert.ThrowsAsync<ApiException>(() => Shell.ExecAsync(Client, new ExecRequest(["true"])));
        Assert.Equal("service/not-running", refused.Problem.Code);

        await leave.CancelAsync();
        session.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended);
        await WaitAsync(async () => (await Replicas.ListAsync()).Count == 0);
    }

    [Fact]
    public async Task A_program_that_does_not_exist_ends_with_127_and_leaves_nothing()
    {
        await ReleaseAsync();

        var shell = await Shell.RunAsync(Client, new ExecRequest(["no-such-program"]));

        Assert.Equal(127, shell.Exit);
        Assert.Contains("no-such-program", shell.ErrorText, StringComparison.Ordinal);
        await WaitAsync(async () => (await Replicas.ListAsync()).Count == 0);
    }

    [Fact]
    public async Task A_service_that_is_not_in_the_current_release_is_a_problem_with_a_reason()
    {
        Assert.Equal("service/not-found", (await Assert.ThrowsAsync<ApiException>(() => Shell.RunAsync(Client, new ExecRequest(["true"])))).Problem.Code);
        await ReleaseAsync();
        Assert.Equal("service/not-found", (await Assert.ThrowsAsync<ApiException>(() => Shell.RunAsync(Client, new ExecRequest(["true"]), service: "worker"))).Problem.Code);
    }

    [Fact]
    public async Task What_a_killed_server_left_is_removed_by_the_next()
    {
        await ReleaseAsync();
        var spec = Replicas.Spec("web", 1, "sleep", "600");
        var labels = spec.Labels.ToDictionary();
        labels.Remove(Labels.Replica);
        labels[Labels.OneOff] = "run";
        await Home.StopServerAsync();
        var left = await Replicas.Engine.Containers.CreateAsync(spec with { Labels = labels }, Ct);
        await Replicas.Engine.Containers.StartAsync(left, Ct);
        var replica = await Replicas.StartAsync("web", 2, "sleep", "600");

        await Home.StartServerAsync();

        await WaitAsync(async () => (await Replicas.ListAsync(Labels.OneOff)).Count == 0);
        Assert.Equal(replica, Assert.Single(await Replicas.ListAsync()).Id);
    }

    /// <summary>A current release with one service, without the work of deploying it.</summary>
    private async Task ReleaseAsync()
    {
        var service = new ServiceSpec
        {
            Name = ServiceName.Parse("web"),
            Image = ImageReference.Parse("busybox:latest"),
            Command = ["sleep", "600"],
            Environment = new Dictionary<string, string> { ["COLOUR"] = "service", ["SHAPE"] = "service" },
            Ports = [new PublishedPort("127.0.0.1", null, 80, "tcp")],
            Files = [new FileMount("/run/secrets/key", "from the file;"u8.ToArray(), Convert.ToInt32("444", 8), 0, 0, Secret: true)],
        };
        var model = new ProjectModel { Services = new Dictionary<ServiceName, ServiceSpec> { [service.Name] = service } };
        var environments = Home.Get<EnvironmentStore>();
        var environment = await environments.GetAsync(TeamId.Default, "shop", "production", Ct);
        var release = await Home.Get<ReleaseStore>().CutAsync(environment, model, new ModelInput(), "test", null, Ct);
        await environments.SetCurrentAsync(environment, release.Number, Ct);
    }
}
