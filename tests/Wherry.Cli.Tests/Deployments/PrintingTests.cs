using Wherry.Cli.Deployments;
using Wherry.Cli.Doctor;
using Wherry.Cli.Output;
using Wherry.Cli.Tokens;
using Wherry.Cli.Variables;
using Wherry.Client;

namespace Wherry.Cli.Tests.Deployments;

public sealed class PrintingTests
{
    [Fact]
    public void A_plan_lists_what_changes_why_and_in_which_order()
    {
        var plan = new DeployPlan("h", ["start web-1", "gate web", "switch web"], [new("web", "replace", "image"), new("db", "none", "")], ["old"], ["compose/no-effect: x"]);

        Assert.Equal(
            """
            warning: compose/no-effect: x
            SERVICE  CHANGE   WHY
            web      replace  image
            db       none
            old runs but is not in the Compose file; `--remove-orphans` removes it

              1. start web-1
              2. gate web
              3. switch web

            plan h: exactly this is deployed with `--plan h`

            """,
            Text(o => PlanCommand.Write(o, plan, colour: false)));
    }

    [Fact]
    public void DC_01_A_plan_without_steps_says_that_nothing_is_to_do()
    {
        var text = Text(o => PlanCommand.Write(o, new DeployPlan("h", [], [new("web", "none", "")], [], []), colour: false));

        Assert.EndsWith("nothing to do: what runs is what is wanted\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Releases_tell_which_can_be_gone_back_to()
    {
        IReadOnlyList<Release> releases =
        [
            new(3, A.Noon.AddMinutes(-1), "push 1a2b3c4 on main", "checkout", new Dictionary<string, string>(), true, true),
            new(2, A.Noon.AddHours(-3), "image nginx:1.27", null, new Dictionary<string, string>(), false, true),
            new(1, A.Noon.AddDays(-9), "upload", null, new Dictionary<string, string>(), false, false),
        ];

        Assert.Equal(
            """
            RELEASE  CREATED     SOURCE                STATE    MESSAGE
            3        1 min ago   push 1a2b3c4 on main  current  checkout
            2        3 h ago     image nginx:1.27      kept
            1        9 days ago  upload                pruned

            """,
            Text(o => ReleasesCommand.Write(o, releases, A.Noon)));
    }

    [Fact]
    public void Deployments_tell_how_they_are_or_ended()
    {
        IReadOnlyList<Deployment> deployments =
        [
            A.Deployment(null) with { PausedBy = "ann" },
            A.Deployment(null) with { Id = "d2", StartedAt = null },
            A.Deployment(DeploymentOutcome.Cancelled, new("deployment/cancelled", "x", "y")) with { Id = "d3" },
        ];

        var lines = Text(o => ReceiptView.WriteList(o, deployments, A.Noon)).Split('\n');

        Assert.Contains("paused by ann", lines[1], StringComparison.Ordinal);
        Assert.Contains("waits", lines[2], StringComparison.Ordinal);
        Assert.Matches("cancelled .* deployment/cancelled", lines[3]);
    }

    [Fact]
    public void What_is_cancelled_is_the_one_at_work_else_the_last_that_waits()
    {
        var (ended, works, waits) = (A.Deployment(), A.Deployment(null) with { Id = "works" }, A.Deployment(null) with { Id = "waits", StartedAt = null });

        Assert.Equal("works", DeploymentChoice.Choose([waits, works, ended])?.Id);
        Assert.Equal("waits", DeploymentChoice.Choose([waits, waits with { Id = "older" }, ended])?.Id);
        Assert.Null(DeploymentChoice.Choose([ended]));
    }

    [Fact]
    public void Secrets_are_never_printed_and_long_values_are_cut()
    {
        IReadOnlyList<Variable> variables =
        [
            new("PASSWORD", null, null, true, A.Noon, ["web"]),
            new("CERT", "web", "-----BEGIN\nabc", false, A.Noon, []),
        ];

        var text = Text(o => VariableChange.Write(o, variables));

        Assert.Contains("PASSWORD  ••••••       (all)    web\n", text, StringComparison.Ordinal);
        Assert.Contains("CERT      -----BEGIN…  web      -\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_tell_whether_they_still_work()
    {
        IReadOnlyList<Token> tokens =
        [
            new("1", "ci", TokenScope.Deploy, A.Noon.AddDays(-2), A.Noon.AddMinutes(-5), A.Noon.AddDays(28), null),
            new("2", "old", TokenScope.Read, A.Noon.AddDays(-9), null, A.Noon.AddDays(-1), null),
            new("3", "gone", TokenScope.Admin, A.Noon.AddDays(-9), null, null, A.Noon),
        ];

        var lines = Text(o => TokensCommand.Write(o, tokens, A.Noon)).Split('\n');

        Assert.EndsWith("expires in 28 days", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("expired", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("revoked", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_checks_of_one_thing_the_servers_counts_and_each_says_how_to_mend_it()
    {
        var merged = DoctorCommand.Merge([new("engine", "ok", "own", null), new("git", "problem", "no git", "apt-get install git")], [new("engine", "problem", "server's", "start it")]).ToList();

        Assert.Equal(
            "✗ git     no git\n          → apt-get install git\n✗ engine  server's\n          → start it\n",
            Text(o => DoctorCommand.Write(o, merged, colour: false)));
    }

    [Fact]
    public void In_a_pipe_progress_is_plain_lines()
    {
        using var err = new StringWriter();
        using var progress = new PlainProgress(err);

        progress.Show(new LogLine(1, A.Noon, "build", "wherry", "build web"));
        progress.Show(new LogLine(2, A.Noon, "web", "stdout", "Step 1/3"));

        Assert.Equal("build web\n  web | Step 1/3\n", err.ToString());
    }

    private static string Text(Action<TextWriter> write)
    {
        using var output = new StringWriter();
        write(output);
        return output.ToString();
    }
}
