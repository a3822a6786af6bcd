using System.Diagnostics;
using Wherry.Cli.Completion;

namespace Wherry.Cli.Tests.Completion;

public sealed class CompletionTests
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("wherry dep", "deploy deployments")]
    [InlineData("wherry env s", "set")]
    [InlineData("wherry -p shop tokens cr", "create")]
    [InlineData("wherry deploy --ima", "--image")]
    [InlineData("wherry status --js", "--json")]
    public async Task Bash_completes_from_the_command_tree(string line, string expected)
    {
        var words = line.Split(' ');
        var script = $"{ShellScripts.Bash(Trees.Real())}\nCOMP_WORDS=({string.Join(' ', words)}); COMP_CWORD={words.Length - 1}; _wherry; echo \"${{COMPREPLY[@]}}\"";

        Assert.Equal(expected, await RunAsync("bash", ["--noprofile", "--norc", "-c", script]));
    }

    [Fact]
    public void Hidden_verbs_are_not_offered()
    {
        Assert.DoesNotContain("supervise", ShellScripts.Bash(Trees.Real()), StringComparison.Ordinal);
    }

    [Fact]
    public void Zsh_and_fish_offer_every_verb_with_its_description()
    {
        var tree = Trees.Real();
        var zsh = ShellScripts.Zsh(tree);
        var fish = ShellScripts.Fish(tree);

        Assert.All(tree[0].Commands, c => Assert.Contains($"'{c.Name}:{c.Text}'", zsh, StringComparison.Ordinal));
        Assert.All(tree[0].Commands, c => Assert.Contains($"-a '{c.Name}' -d '{c.Text}'", fish, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_in_a_script_ends_a_quote_early()
    {
        var texts = Trees.Real().SelectMany(n => n.Commands.Concat(n.Options)).Select(w => w.Text);

        Assert.All(texts, t => Assert.DoesNotContain(t, c => c is '\'' or '`' or '$' or '\\'));
    }

    private static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Now);
        await process.WaitForExitAsync(Now);
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}
