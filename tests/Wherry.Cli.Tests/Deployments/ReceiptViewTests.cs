using Wherry.Cli.Deployments;
using Wherry.Client;

namespace Wherry.Cli.Tests.Deployments;

public sealed class ReceiptViewTests
{
    [Fact]
    public void Deployments_are_listed_with_who_asked_and_how_they_ended()
    {
        var failed = A.Deployment(DeploymentOutcome.Failed, new ApiProblem("health/deadline", "m", "h")) with { Actor = "ci" };
        var running = A.Deployment(null) with { Id = "d2", Stage = DeploymentStage.Starting, FinishedAt = null, StartedAt = A.Noon.AddSeconds(-5), Actor = "socket:0" };

        Assert.Equal(
            """
            ID  KIND    RELEASE  OUTCOME   TOOK   QUEUED     WHO       PROBLEM
            d2  deploy  r42      starting  5.0 s  3 min ago  socket:0
            d1  deploy  r42      failed    1 min  3 min ago  ci        health/deadline

            """,
            Text(o => ReceiptView.WriteList(o, [running, failed], A.Noon)));
    }

    [Fact]
    public void A_receipt_tells_time_requests_builds_and_what_was_kept()
    {
        var receipt = new Receipt(
            4.1, 0.25,
            [new("fetch the source and read the model", "prepare", null, "done", 0.012, null), new("remove web-1", "remove-replicas", "web", "skipped", 2.5, "docker/conflict")],
            new ReceiptTraffic(2113, 0),
            [new("web", false, 2.314, 190_000_000), new("worker", true, 0, 190_000_000)],
            new ReceiptKept(5, 6, 1_140_000_000, [1], 1, 190_000_000));

        Assert.Equal(
            """
            deploy shop/production r42: succeeded, by ci, queued 2026-11-21T11:57:00Z
              took 4.10 s, after 0.25 s in the queue
              requests meanwhile: 2,113 served, 0 failed
              web: built in 2.31 s, 181 MiB
              worker: built before, 181 MiB
              kept: 5 releases, 6 images of 1.1 GiB
              pruned: r1, 1 images of 181 MiB

              TOOK     OUTCOME  STEP
              0.012 s  done     fetch the source and read the model
              2.50 s   skipped  remove web-1 (docker/conflict)

            """,
            Text(o => ReceiptView.Write(o, A.Deployment() with { Actor = "ci", Receipt = receipt })));
    }

    [Fact]
    public void The_last_line_of_a_deployment_is_its_receipt_in_short()
    {
        var world = A.World();
        var call = new Wherry.Cli.Frame.Call(world, new Wherry.Cli.Frame.GlobalOptions(), Wherry.Cli.Frame.CommandLine.Root(world).Parse(["status"]));
        var receipt = new Receipt(4.1, 0, [], new ReceiptTraffic(2113, 0), [], null);

        DeploymentWatch.Judge(call, A.Deployment() with { Receipt = receipt });

        Assert.Equal("✓ deploy done: shop/production runs release 42 after 4.1 s; 2,113 requests served meanwhile, 0 failed\n", world.Err.ToString());
    }

    private static string Text(Action<TextWriter> write)
    {
        using var output = new StringWriter { NewLine = "\n" };
        write(output);
        return output.ToString();
    }
}
