using System.Text.RegularExpressions;

namespace Wherry.Core.Tests.HouseRules;

/// <summary>What the code says and what the docs say are the same.</summary>
public sealed partial class DocsRuleTests
{
    private const string Problems = "docs/problems.md";

    /// <summary>The page of each feature of the server.</summary>
    private static readonly Dictionary<string, string> Pages = new()
    {
        ["Access"] = "docs/token.md",
        ["Builds"] = "docs/build.md",
        ["Certificates"] = "docs/certificate.md",
        ["Deployments"] = "docs/deployment.md",
        ["Disk"] = "docs/operate/disk.md",
        ["Environments"] = "docs/environment.md",
        ["Events"] = "docs/event.md",
        ["Git"] = "docs/deployment.md",
        ["Logs"] = "docs/logs.md",
        ["Metrics"] = "docs/operate/metrics.md",
        ["Pools"] = "docs/server.md",
        ["Preflight"] = "docs/deployment.md",
        ["Projects"] = "docs/project.md",
        ["Purge"] = "docs/cli.md",
        ["Receipts"] = "docs/deployment.md",
        ["Reconcile"] = "docs/operate/drift.md",
        ["Secrets"] = "docs/secret.md",
        ["Services"] = "docs/service.md",
        ["Sessions"] = "docs/service.md",
        ["Sources"] = "docs/deployment.md",
        ["Status"] = "docs/server.md",
        ["Store"] = "docs/server.md",
        ["Tokens"] = "docs/token.md",
    };

    /// <summary>Codes whose first word is put in when the problem is made.</summary>
    private static readonly Dictionary<string, string[]> Composed = new()
    {
        ["{word}/name"] = ["project/name", "environment/name", "service/name", "token/name"],
        ["{word}/foreign"] = ["network/foreign", "volume/foreign"],
    };

    [Fact]
    public void Every_problem_code_is_documented() => CodeRuleTests.AssertNone(
        from code in Codes().Except(Documented()).Order(StringComparer.Ordinal)
        select $"{code} is not in {Problems}. Add \"## `{code}`\", two or three lines on what it means, and what to do.");

    [Fact]
    public void Every_documented_problem_still_exists() => CodeRuleTests.AssertNone(
        from code in Documented().Except(Codes()).Order(StringComparer.Ordinal)
        select $"{Problems} documents {code}, which no code raises: take it out.");

    [Fact]
    public void Every_problem_is_documented_once_and_says_what_it_means_and_what_to_do()
    {
        CodeRuleTests.AssertNone(Documented().GroupBy(c => c).Where(g => g.Count() > 1).Select(g => $"{Problems} documents {g.Key} {g.Count()} times."));
        CodeRuleTests.AssertNone(
            from section in Repository.Read(Problems).Split("\n## ").Skip(1)
            where section.Trim().Split('\n').Count(line => line.Trim().Length > 0) < 3
            select $"{Problems}: {section.Split('\n')[0]} needs what it means and what to do.");
    }

    [Fact]
    public void Codes_are_made_of_a_word_and_what_happened() => CodeRuleTests.AssertNone(
        from file in Repository.CodeIn("src")
        let code = Repository.ReadCode(file)
        from Match match in NewProblem().Matches(code)
        let literal = match.Groups["code"].Value
        where !Code().IsMatch($"\"{literal}\"") && !Composed.ContainsKey(literal)
        select $"{file}:{Repository.LineOf(code, match.Index)}: {literal} is not word/what-happened.");

    [Fact]
    public void Every_link_of_the_documents_leads_somewhere() => CodeRuleTests.AssertNone(
        from page in Documents()
        let text = Repository.Read(page)
        from Match match in Link().Matches(text)
        let target = match.Groups["target"].Value
        where !target.StartsWith("http", StringComparison.Ordinal) && !target.StartsWith('#') && !target.StartsWith("mailto:", StringComparison.Ordinal)
        let path = Path.Combine(Path.GetDirectoryName(page) ?? "", target.Split('#')[0])
        where !Repository.Exists(path)
        select $"{page}:{Repository.LineOf(text, match.Index)}: {target} does not exist.");

    [Fact]
    public void The_map_is_there_and_short()
    {
        Assert.True(Repository.Exists("MAP.md"), "MAP.md tells where to change what; it is missing.");
        Assert.InRange(Repository.Read("MAP.md").Split('\n').Length, 5, 61);
    }

    [Fact]
    public void Every_feature_of_the_server_has_a_page()
    {
        var features = Directory.GetDirectories(Path.Combine(Repository.Root, "src/Wherry.Server")).Select(d => Path.GetFileName(d)).Where(d => d is not ("obj" or "bin")).ToList();

        CodeRuleTests.AssertNone(features.Except(Pages.Keys).Select(f => $"src/Wherry.Server/{f} has no page: write one below docs/ and name it in {nameof(Pages)}."));
        CodeRuleTests.AssertNone(Pages.Keys.Except(features).Select(f => $"src/Wherry.Server/{f} does not exist any more: take it out of {nameof(Pages)}."));
        CodeRuleTests.AssertNone(Pages.Where(p => !Repository.Exists(p.Value)).Select(p => $"{p.Value}, the page of {p.Key}, is missing."));
    }

    private static IEnumerable<string> Documents() => Directory.EnumerateFiles(Repository.Root, "*.md")
        .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
        .Select(f => Path.GetRelativePath(Repository.Root, f));

    private static List<string> Documented() => [.. Heading().Matches(Repository.Read(Problems)).Select(m => m.Groups["code"].Value)];

    /// <summary>Every literal that looks like a code and begins with a word that codes begin with. Kinds of events look like codes and are none.</summary>
    private static HashSet<string> Codes()
    {
        var sources = Repository.CodeIn("src").Where(f => !f.EndsWith("EventKinds.cs", StringComparison.Ordinal)).Select(Repository.ReadCode).ToList();
        var made = sources.SelectMany(s => NewProblem().Matches(s)).Select(m => m.Groups["code"].Value).ToList();
        var words = made.Where(c => !Composed.ContainsKey(c)).Select(c => c.Split('/')[0]).ToHashSet();
        return
        [
            .. sources.SelectMany(s => Code().Matches(s)).Select(m => m.Groups["code"].Value).Where(c => words.Contains(c.Split('/')[0])),
            .. made.Where(Composed.ContainsKey).SelectMany(c => Composed[c]),
        ];
    }

    [GeneratedRegex("""new Problem\(\s*\$?"(?<code>[^"]*)"|""" + """Problem \w+\([^)]*\) => new\(\s*\$?"(?<code>[^"]*)"|""" + """Verdict\.Fail\("(?<code>[^"]*)" """)]
    private static partial Regex NewProblem();

    [GeneratedRegex("(?:\"|\"  \\()(?<code>[a-z]+(?:-[a-z]+)*/[a-z]+(?:-[a-z0-9]+)*)\\)?\"")]
    private static partial Regex Code();

    [GeneratedRegex("(?m)^## `(?<code>[^`]+)`")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
