using System.CommandLine;
using Wherry.Cli.Frame;

namespace Wherry.Cli.Completion;

/// <summary><c>wherry completion SHELL</c>: a script made of the command tree, for the shell's own folder of completions.</summary>
internal static class CompletionCommand
{
    public static Command Build(Verbs verbs)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return verbs.On(new Verb("completion", "Prints a completion script for a shell", "wherry completion bash > /etc/bash_completion.d/wherry", "wherry completion zsh > ~/.zfunc/_wherry", "wherry completion fish > ~/.config/fish/completions/wherry.fish") { shell }, (call, _) =>
        {
            var tree = CompletionTree.Of(CommandLine.Root(call.World));
            call.Result(call.Get(shell) switch
            {
                "bash" => ShellScripts.Bash(tree),
                "zsh" => ShellScripts.Zsh(tree),
                _ => ShellScripts.Fish(tree),
            });
            return Task.FromResult(Exit.Ok);
        });
    }
}
