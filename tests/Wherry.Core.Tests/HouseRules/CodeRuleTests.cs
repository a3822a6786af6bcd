using System.Text.RegularExpressions;
using Wherry.Core.Planning;

namespace Wherry.Core.Tests.HouseRules;

/// <summary>Limits that keep the code readable and its dangers out. Each failure says which file, and what to do instead.</summary>
public sealed partial class CodeRuleTests
{
    /// <summary>What is never written in <c>src</c>, and what to write instead.</summary>
    private static readonly (string Pattern, string Instead)[] Banned =
    [
        (@"\bDateTime(Offset)?\.(Now|UtcNow|Today)\b", "ask the TimeProvider that was handed in"),
        (@"\bThread\.Sleep\b", "await Task.Delay(time, provider, ct)"),
        (@"\.GetAwaiter\(\)\.GetResult\(\)", "await"),
        (@"\basync\s+void\b", "return a Task that somebody awaits"),
        (@"\bUseShellExecute\s*=\s*true\b", "start the program itself"),
        (@"\.Arguments\s*=[^=]", "ArgumentList: one argument, one entry, no quoting"),
        (@"\bTask\.Delay\([^,()]*(\([^()]*\))?[^,()]*(,\s*(ct|cancellationToken))?\)", "Task.Delay(for, time, ct): the clock that was handed in"),
    ];

    /// <summary>Asynchronous methods that take no token, and why.</summary>
    private static readonly Dictionary<string, string> WithoutToken = new()
    {
        ["SessionPump.LeaveAsync"] = "says goodbye after the token was cancelled",
        ["DeploymentLanes.LetGoAsync"] = "records the end of what was cancelled",
        ["DeploymentRun.CloseTreeAsync"] = "part of disposing",
        ["DeploymentRun.CloseGateAsync"] = "part of disposing",
        ["DeployWorker.HeedAsync"] = "writes a line, and the log takes no token",
        ["ReconcileStore.ReadAsync"] = "the database reads with the token",
        ["EnvironmentLocks.RefuseAsync"] = "the transaction carries the token",
        ["EnvironmentStore.RefuseGoneAsync"] = "the transaction carries the token",
        ["EnvironmentLocks.InsertAsync"] = "the transaction carries the token",
        ["PushReceiver.SayHeldBackAsync"] = "what it says with carries the token",
        ["PushDeployments.EndAsync"] = "runs after the pusher has hung up",
        ["GitProcess.WaitAsync"] = "part of disposing, limited by its grace",
        ["GitProcess.ReadErrorAsync"] = "ends with the process, which the token ends",
        ["ExecSessions.KillAsync"] = "cleans up after the token was cancelled",
        ["CommandLine.RunAsync"] = "the world that it is given carries the token",
        ["TrafficSwitch.DrainAsync"] = "goes on when the caller has gone: what was switched has to drain",
        ["TargetKeeper.RetireAsync"] = "goes on when the caller has gone: what was switched has to drain",
        ["EngineBuilds.CancelAsync"] = "tells the engine after the token was cancelled",
        ["Duplex.CloseInputAsync"] = "the framework's way to end a stream takes none",
        ["EngineConnection.NextAsync"] = "the sequence that it reads carries the token",
        ["HealthWatch.EndAsync"] = "waits for a watch whose target was retired",
        ["HealthWatch.WatchAsync"] = "ends with its target",
        ["CountingFeatures.UpgradeAsync"] = "the framework's interface takes none",
        ["TeamDatabase.QueryAsync"] = "the transaction carries the token",
        ["AccessLog.WriteAsync"] = "ends when its channel is closed and written out",
        ["AccessLog.FlushAsync"] = "ends when its channel is closed and written out",
    };

    /// <summary>Types that carry the token of the request or connection.</summary>
    private static readonly string[] Carriers = ["CancellationToken", "HttpContext", "ConnectionContext", "EdgeRequest", "HttpRequest"];

    [Fact]
    public void Files_are_short_enough_to_read_in_one_sitting() => AssertNone(
        from rule in ((string Folder, int Most)[])[("src", 300), ("tests", 400)]
        from file in Repository.CodeIn(rule.Folder)
        let lines = File.ReadLines(Path.Combine(Repository.Root, file)).Count()
        where lines > rule.Most
        select $"{file} has {lines} lines: split it by concept, {rule.Most} is the most.");

    [Fact]
    public void Nothing_banned_is_written() => AssertNone(
        from file in Repository.CodeIn("src")
        let code = Repository.ReadCode(file)
        from ban in Banned
        from Match match in Regex.Matches(code, ban.Pattern)
        select $"{file}:{Repository.LineOf(code, match.Index)}: {match.Value}. Instead: {ban.Instead}.");

    [Fact]
    public void Core_needs_nothing_but_the_base_class_library() => AssertNone(
        from reference in typeof(Planner).Assembly.GetReferencedAssemblies()
        where !reference.Name!.StartsWith("System.", StringComparison.Ordinal)
        select $"Wherry.Core references {reference.Name}: decisions live there, drivers do not.");

    [Fact]
    public void Core_does_no_input_or_output_and_has_no_clock_and_no_chance() => AssertNone(
        from file in Repository.CodeIn("src/Wherry.Core")
        let code = Repository.ReadCode(file)
        from Match match in Impure().Matches(code)
        select $"{file}:{Repository.LineOf(code, match.Index)}: {match.Value}. Take what it gives as an argument.");

    [Fact]
    public void Asynchronous_methods_take_a_token() => AssertNone(
        from file in Repository.CodeIn("src")
        let code = Repository.ReadCode(file)
        from Match match in AsyncMethod().Matches(code)
        let name = $"{Path.GetFileName(file).Split('.')[0]}.{match.Groups["name"].Value}"
        let parameters = Repository.Inside(code, match.Index + match.Length - 1)
        where !name.EndsWith(".DisposeAsync", StringComparison.Ordinal) && !name.EndsWith(".BindAsync", StringComparison.Ordinal)
        where !Carriers.Any(parameters.Contains) && !WithoutToken.ContainsKey(name)
        select $"{file}:{Repository.LineOf(code, match.Index)}: {name} takes no CancellationToken. Add one as its last parameter, or its reason to {nameof(WithoutToken)}.");

    [Fact]
    public void Every_exception_from_the_token_rule_is_still_there() => AssertNone(
        WithoutToken.Keys.Except(
            from file in Repository.CodeIn("src")
            from Match match in AsyncMethod().Matches(Repository.ReadCode(file))
            select $"{Path.GetFileName(file).Split('.')[0]}.{match.Groups["name"].Value}")
        .Select(name => $"{name} does not exist any more: take it out of {nameof(WithoutToken)}."));

    [Fact]
    public void No_constructor_has_more_than_six_parameters_and_a_logger() => AssertNone(
        from file in Repository.CodeIn("src")
        let code = Repository.ReadCode(file)
        from Match match in Constructor().Matches(code)
        let count = Repository.CountParameters(Logger().Replace(Repository.Inside(code, match.Index + match.Length - 1), ""))
        where count > 6
        select $"{file}:{Repository.LineOf(code, match.Index)}: {match.Groups["name"].Value} takes {count}. It does too much: split it by stage.");

    [Theory]
    [InlineData("public async Task<int> RunAsync(int a)", "RunAsync")]
    [InlineData("private static async ValueTask LeaveAsync<T>(", "LeaveAsync")]
    [InlineData("async IAsyncEnumerable<A<B>> AllAsync()", "AllAsync")]
    [InlineData("await RunAsync(", null)]
    public void The_token_rule_knows_a_method_when_it_sees_one(string code, string? name) =>
        Assert.Equal(name ?? "", AsyncMethod().Match(code).Groups["name"].Value);

    [Theory]
    [InlineData("internal sealed class A(int a, Dictionary<int, int> b, (int, int) c)", 3)]
    [InlineData("class A<T>(int a)", 1)]
    [InlineData("class A()", 0)]
    [InlineData("    private A(int a, int b)", 2)]
    public void The_constructor_rule_counts_parameters(string code, int expected)
    {
        var match = Constructor().Match(code);

        Assert.True(match.Success);
        Assert.Equal(expected, Repository.CountParameters(Repository.Inside(code, match.Index + match.Length - 1)));
    }

    [Theory]
    [InlineData("record struct A(int a)")]
    [InlineData("sealed record A(int a)")]
    public void The_constructor_rule_leaves_records_alone(string code) => Assert.DoesNotMatch(Constructor(), code);

    internal static void AssertNone(IEnumerable<string> failures)
    {
        var all = failures.ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    [GeneratedRegex(@"\b(File|Directory|Process|Random|Guid\.NewGuid|Environment\.GetEnvironmentVariable|Console|TimeProvider|HttpClient|Stopwatch)\b[.(]")]
    private static partial Regex Impure();

    [GeneratedRegex(@",\s*ILogger<\w+> \w+")]
    private static partial Regex Logger();

    [GeneratedRegex(@"\basync\s+(?:Task|ValueTask|IAsyncEnumerable)(?:<[^;{}()]+>)?\??\s+(?<name>\w+)\s*(?:<[^()]*>)?\(")]
    private static partial Regex AsyncMethod();

    [GeneratedRegex(@"(?<!record )\b(?:class|struct)\s+(?<name>\w+)(?:<[^()]*?>)?\(|(?m:^)\s*(?:public|internal|private|protected)\s+(?<name>[A-Z]\w*)\(")]
    private static partial Regex Constructor();
}
