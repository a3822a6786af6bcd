using Wherry.Docker;
using Wherry.Server.Deployments;
using LogLine = Wherry.Docker.LogLine;

namespace Wherry.Server.Tests.Deployments;

/// <summary>All that a release command printed is in the log, also when the engine ends the stream early.</summary>
public sealed class ReleaseOutputTests(LiveWherry wherry)
{
    private const int Lines = 30_000;

    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_line_of_a_release_command_that_prints_much_and_ends_at_once_is_there_once()
    {
        var project = await wherry.ProjectAsync();

        var deployment = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web($"{project}.localhost", wherry: $"release: [seq, \"1\", \"{Lines}\"]")));

        Assert.Null(deployment.Problem);
        var printed = (await wherry.LogAsync(deployment)).Split('\n').Where(l => l.Length > 0 && l.All(char.IsAsciiDigit)).Select(int.Parse);
        Assert.Equal(Enumerable.Range(1, Lines), printed);
    }

    [Fact]
    public void What_came_before_the_stream_ended_is_not_missing_and_what_came_of_the_same_moment_is_counted()
    {
        var output = new OneOffOutput();
        output.Take(Line(LogStream.Stdout, 1));
        output.Take(Line(LogStream.Stdout, 2));
        output.Take(Line(LogStream.Stdout, 2));
        output.Take(Line(LogStream.Stderr, 1));

        Assert.Equal(Noon.AddSeconds(1), output.Last);
        Assert.False(output.IsMissing(Line(LogStream.Stdout, 1)));
        Assert.False(output.IsMissing(Line(LogStream.Stderr, 1)));
        Assert.False(output.IsMissing(Line(LogStream.Stdout, 2)));
        Assert.False(output.IsMissing(Line(LogStream.Stdout, 2)));
        Assert.True(output.IsMissing(Line(LogStream.Stdout, 2)));
        Assert.True(output.IsMissing(Line(LogStream.Stderr, 3)));
        Assert.Null(new OneOffOutput().Last);
    }

    private static LogLine Line(LogStream stream, int second) => new(stream, Noon.AddSeconds(second), "text"u8.ToArray());
}
