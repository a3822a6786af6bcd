using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Wherry.Cli.Tests.Frame;

public sealed partial class DocsTests
{
    [Fact]
    public void Every_verb_stands_in_the_docs()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs/cli.md"));

        Assert.All(Completion.Trees.Real()[0].Commands, verb => Assert.Contains($"`{verb.Name}", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Hints_name_commands_that_there_are()
    {
        var tree = Completion.Trees.Real();
        var groups = tree.Where(n => n.Path.Length > 0 && n.Commands.Count > 0).Select(n => n.Path).ToList();
        var verbs = tree[0].Commands.Select(c => c.Name).Append("supervise").ToList(); // hidden: nobody is meant to type it
        var hints = Directory.GetFiles(Path.Combine(Root(), "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => File.ReadLines(file).Where(line => line.Contains("new Problem(", StringComparison.Ordinal) || line.Contains("new ApiProblem(", StringComparison.Ordinal)))
            .SelectMany(line => Hint().Matches(line))
            .ToList();

        Assert.NotEmpty(hints);
        Assert.All(hints, hint => Assert.True(
            verbs.Contains(hint.Groups["verb"].Value) && (!groups.Contains(hint.Groups["verb"].Value) || tree.Any(n => n.Path == $"{hint.Groups["verb"].Value} {hint.Groups["next"].Value}")),
            $"{hint.Value} is not a whole command"));
    }

    [GeneratedRegex("`wherry (?<verb>[a-z]+)(?: (?<next>[a-z]+))?[^`]*`")]
    private static partial Regex Hint();

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(here, "../../../.."));
}
