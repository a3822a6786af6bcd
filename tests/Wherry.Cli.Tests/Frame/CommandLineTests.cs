using Wherry.Cli.Frame;

namespace Wherry.Cli.Tests.Frame;

public sealed class CommandLineTests
{
    [Fact]
    public void Every_verb_is_built_alone_under_the_name_it_is_listed_with()
    {
        var all = CommandLine.Root(A.World()).Subcommands.Select(c => c.Name).ToList();

        Assert.Contains("deploy", all);
        Assert.All(all, name => Assert.Equal([name], CommandLine.Root(A.World(), name).Subcommands.Select(c => c.Name)));
        Assert.Equal(all, CommandLine.Root(A.World(), "nosuch").Subcommands.Select(c => c.Name));
    }

    [Theory]
    [InlineData("nosuch")]
    [InlineData("scale", "web")]
    [InlineData("scale", "web=-1")]
    [InlineData("scale")]
    [InlineData("env", "set", "=x")]
    [InlineData("env", "set")]
    [InlineData("deploy", "--image", "nginx", "--git", "https://example.com/a.git")]
    [InlineData("deploy", "folder", "--image", "nginx")]
    [InlineData("deploy", "--canary", "folder")]
    [InlineData("deploy", "--canary", "101")]
    [InlineData("tokens", "create", "ci", "--scope", "root")]
    [InlineData("tokens", "create", "ci", "--expires", "soon")]
    [InlineData("logs", "--since", "yesterday-ish")]
    [InlineData("run", "web", "--set", "novalue", "--", "ls")]
    [InlineData("exec", "web")]
    [InlineData("up", "--port", "70000")]
    [InlineData("completion", "tcsh")]
    [InlineData("rollback", "four")]
    public async Task What_cannot_be_read_ends_with_2_and_points_to_the_help(params string[] args)
    {
        var ran = await A.RunAsync(args);

        Assert.Equal(2, ran.Code);
        Assert.Contains("--help", ran.Err, StringComparison.Ordinal);
        Assert.Contains("(cli/usage)", ran.Err, StringComparison.Ordinal);
        Assert.Empty(ran.Out);
    }

    [Theory]
    [InlineData("41")]
    [InlineData("r41")]
    public void A_release_is_named_by_its_number_and_as_it_is_written_everywhere(string release) =>
        Assert.Empty(CommandLine.Root(A.World(), "rollback").Parse(["rollback", release]).Errors);

    [Fact]
    public async Task A_release_that_is_none_is_refused_in_words()
    {
        var ran = await A.RunAsync("rollback", "four");

        Assert.StartsWith("\"four\" is not the number of a release", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_verb_it_shows_the_help_and_with_version_its_version()
    {
        var alone = await A.RunAsync();
        var version = await A.RunAsync("--version");

        Assert.Equal(0, alone.Code);
        Assert.Contains("deploy", alone.Out, StringComparison.Ordinal);
        Assert.StartsWith("wherry  ", version.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("projects")]
    [InlineData("environments", "-p", "shop")]
    [InlineData("tokens")]
    [InlineData("env", "-p", "shop")]
    [InlineData("secret", "-p", "shop")]
    [InlineData("logs", "-p", "shop", "--deployment")]
    [InlineData("projects", "list")]
    [InlineData("deploy", "--image", "nginx")]
    [InlineData("logs", "-p", "shop", "-f")]
    [InlineData("exec", "-p", "shop", "web", "--", "ls", "-la")]
    public async Task A_server_that_does_not_answer_ends_with_5_and_says_how_to_start_it(params string[] args)
    {
        using var home = A.Folder();

        var ran = await A.RunAsync([.. args[..1], "--home", home.Path, .. args[1..]]);

        Assert.Equal(5, ran.Code);
        Assert.Contains($"No Wherry server answers at {home.Path}/wherry.sock.", ran.Err, StringComparison.Ordinal);
        Assert.Contains("→ Start it with `wherry up`", ran.Err, StringComparison.Ordinal);
        Assert.Contains("(server/unreachable)", ran.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run", "web", "ls")]
    [InlineData("exec", "web", "sh")]
    public async Task A_command_must_be_set_off_from_wherrys_own_options(params string[] args)
    {
        var ran = await A.RunAsync([.. args, "-p", "shop"]);

        Assert.Equal(2, ran.Code);
        Assert.Contains($"web -- {args[2]}", ran.Err, StringComparison.Ordinal);
        Assert.Contains("(cli/double-dash)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_elsewhere_needs_a_token()
    {
        var ran = await A.RunAsync("status", "--server", "http://127.0.0.1:1");

        Assert.Equal(2, ran.Code);
        Assert.Contains("(token/missing)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_elsewhere_that_does_not_answer_is_named()
    {
        var world = A.World(variables: new Dictionary<string, string> { ["WHERRY_SERVER"] = "http://127.0.0.1:1", ["WHERRY_TOKEN"] = "t" });

        var ran = await A.RunAsync(world, "status");

        Assert.Equal(5, ran.Code);
        Assert.Contains("http://127.0.0.1:1", ran.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://host")]
    [InlineData("host:7070")]
    public async Task An_address_that_is_none_is_refused(string address)
    {
        var ran = await A.RunAsync("status", "--server", address, "--token", "t");

        Assert.Equal(2, ran.Code);
        Assert.Contains("(cli/server-address)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_on_the_command_line_is_refused()
    {
        var ran = await A.RunAsync("secret", "set", "PASSWORD=hunter2");

        Assert.Equal(2, ran.Code);
        Assert.DoesNotContain("hunter2", ran.Err, StringComparison.Ordinal);
        Assert.Contains("standard input", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_of_every_verb_shows_an_example()
    {
        var tree = Completion.Trees.Real();
        foreach (var verb in tree[0].Commands.Select(c => c.Name))
        {
            var ran = await A.RunAsync(verb, "--help");

            Assert.Equal(0, ran.Code);
            Assert.Contains($"Examples:{Environment.NewLine}  ", ran.Out, StringComparison.Ordinal);
            Assert.Contains($"wherry {verb}", ran.Out[ran.Out.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Version_is_told_without_a_server()
    {
        using var home = A.Folder();

        var ran = await A.RunAsync("version", "--home", home.Path);

        Assert.Equal(0, ran.Code);
        Assert.Matches(@"^wherry  \d+\.\d+\.\d+", ran.Out);
    }
}
