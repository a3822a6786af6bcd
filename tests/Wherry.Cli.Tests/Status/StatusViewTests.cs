using Wherry.Cli.Status;
using Wherry.Client;

namespace Wherry.Cli.Tests.Status;

public sealed class StatusViewTests
{
    [Fact]
    public void Everything_stands_on_one_screen()
    {
        var screen = Show(Environment(42, A.Service("web", "running", 2, "http://shop.localhost"), A.Service("worker")));

        Assert.Equal(
            """
            server  0.1.0 on http://127.0.0.1:7070, Docker Engine 20.10.24
            edge    listens on 0.0.0.0:80

            shop/production  release 42, deploy 2 min ago
              web     running   2/2  http://shop.localhost
              worker  running   1/1

            """,
            screen);
    }

    [Fact]
    public void A_failed_deployment_tells_its_reason()
    {
        var failed = A.Deployment(DeploymentOutcome.Failed, new ApiProblem("health/deadline", "web was not healthy within 60 s.", "See its log."));

        var screen = Show(new EnvironmentStatus(new ProjectEnvironment("shop", "production", "main", 41, false, A.Noon), [], failed));

        Assert.Contains("shop/production  release 41, deploy failed 2 min ago\n  web was not healthy within 60 s. (health/deadline)\n", screen, StringComparison.Ordinal);
    }

    /// <summary>KM-23.</summary>
    [Fact]
    public void KM_23_A_lock_tells_its_holder_its_message_and_since_when()
    {
        var shop = new ProjectEnvironment("shop", "production", "main", 41, false, A.Noon) { Lock = new EnvironmentLock(LockScope.Everything, "ann", "moving the database", A.Noon.AddMinutes(-5)) };

        var screen = Show(new EnvironmentStatus(shop, [], A.Deployment(null) with { PausedBy = "bob" }));

        Assert.Contains("shop/production  release 41, deploy paused by bob\n  locked by ann 5 min ago: moving the database\n", screen, StringComparison.Ordinal);
        Assert.Contains("pushes are held back by ann", Show(new EnvironmentStatus(shop with { Lock = shop.Lock with { Scope = LockScope.Pushes } }, [], null)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_deployment_at_work_tells_its_present_step_and_how_its_canaries_are_promoted()
    {
        var waits = A.Deployment(null) with { Stage = DeploymentStage.Switched, Steps = [new("start web-2", "done", null, null), new("wait for the promotion of web-2", "planned", null, null), new("remove web-1", "planned", null, null)] };

        var screen = Show(new EnvironmentStatus(new ProjectEnvironment("shop", "production", "main", 41, false, A.Noon), [], waits));

        Assert.Contains("deploy switched: wait for the promotion of web-2, with `wherry promote`\n", screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 4, "deploy switched: 5 % of web's visitors, stage 1 of 3, 4 min left; `wherry promote` or `wherry abort`\n")]
    [InlineData(true, 0, "deploy switched: copies for 5 % of web's visitors, stage 1 of 3; `wherry promote` or `wherry abort`\n")]
    public void A_trial_tells_its_share_its_stage_and_the_time_that_is_left(bool mirrored, int minutes, string told)
    {
        var trial = A.Deployment(null) with { Stage = DeploymentStage.Switched, Canary = new CanaryState("web", 5, mirrored, 1, 3, minutes == 0 ? null : A.Noon.AddMinutes(minutes)) };

        var screen = Show(new EnvironmentStatus(new ProjectEnvironment("shop", "production", "main", 41, false, A.Noon), [], trial));

        Assert.Contains(told, screen, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_seen_is_shown_below_the_reason_and_its_long_end_is_left_to_the_log()
    {
        var failed = A.Deployment(DeploymentOutcome.Failed, new ApiProblem("health/exited", "web-1 exited with code 3.", "Mend it.") { Evidence = ["exit code 3", "2", "3", "4", "5", "6", "7"] });

        var screen = Show(new EnvironmentStatus(new ProjectEnvironment("shop", "production", "main", 41, false, A.Noon), [], failed));

        Assert.Contains($"(health/exited)\n    exit code 3\n    2\n    3\n    4\n    5\n    … 2 more lines: `wherry logs --deployment {failed.Id}`\n    → Mend it.\n", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void An_edge_and_an_engine_that_do_not_answer_are_said_so()
    {
        var screen = Show(new Client.Status(new ServerVersion("0.1.0", "v1", null, null), false, [], null, []));

        Assert.Contains("server  0.1.0, the Docker Engine does not answer\nedge    does not answer", screen, StringComparison.Ordinal);
        Assert.Contains("no project yet", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_come_only_when_they_are_asked_for()
    {
        var status = Whole(Environment(42, A.Service()));
        using var plain = new StringWriter();
        using var coloured = new StringWriter();

        new StatusView(status, A.Noon, colour: false).Write(plain);
        new StatusView(status, A.Noon, colour: true).Write(coloured);

        Assert.DoesNotContain('\e', plain.ToString());
        Assert.Contains('\e', coloured.ToString());
    }

    private static EnvironmentStatus Environment(int? release, params Service[] services) =>
        new(new ProjectEnvironment("shop", "production", "main", release, false, A.Noon), services, A.Deployment());

    private static Client.Status Whole(params EnvironmentStatus[] environments) =>
        new(new ServerVersion("0.1.0", "v1", "20.10.24", "1.41"), true, ["0.0.0.0:80"], "http://127.0.0.1:7070", environments);

    private static string Show(params EnvironmentStatus[] environments) => Show(Whole(environments));

    private static string Show(Client.Status status)
    {
        using var output = new StringWriter();
        new StatusView(status, A.Noon, colour: false).Write(output);
        return output.ToString();
    }
}
