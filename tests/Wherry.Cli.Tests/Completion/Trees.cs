using Wherry.Cli.Completion;
using Wherry.Cli.Frame;

namespace Wherry.Cli.Tests.Completion;

internal static class Trees
{
    public static IReadOnlyList<CompletionNode> Real() => CompletionTree.Of(CommandLine.Root(A.World()));
}
