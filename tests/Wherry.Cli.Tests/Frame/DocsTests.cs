using System.Runtime.CompilerServices;

namespace Wherry.Cli.Tests.Frame;

public sealed class DocsTests
{
    [Fact]
    public void Every_verb_stands_in_the_docs()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs/cli.md"));

        Assert.All(Completion.Trees.Real()[0].Commands, verb => Assert.Contains($"`{verb.Name}", page, StringComparison.Ordinal));
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(here, "../../../.."));
}
