using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Deployments;

/// <summary><c>wherry releases</c>: what can be rolled back to.</summary>
internal static class ReleasesCommand
{
    public static Command Build(Verbs verbs) =>
        verbs.On(new Verb("releases", "Lists the releases of an environment, newest first", "wherry releases", "wherry releases -p shop -e staging --json"), async (call, ct) =>
        {
            var project = await call.ProjectAsync(ct);
            var releases = await call.Client.ReleasesAsync(project, call.Environment, ct);
            call.Print(releases, ClientJson.Default.IReadOnlyListRelease, o => Write(o, releases, call.World.Time.GetUtcNow()));
            return Exit.Ok;
        });

    internal static void Write(TextWriter output, IReadOnlyList<Release> releases, DateTimeOffset now)
    {
        if (releases.Count == 0)
        {
            output.WriteLine("no release yet");
            return;
        }

        var table = new Table("RELEASE", "CREATED", "SOURCE", "STATE", "MESSAGE");
        foreach (var release in releases)
        {
            table.Add($"{release.Number}", Ago.Of(release.CreatedAt, now), release.Source, State(release), release.Message ?? "");
        }

        table.Write(output);
    }

    private static string State(Release release) => release switch
    {
        { Current: true } => "current",
        { Kept: true, StableAt: not null } => "stable",
        { Kept: true } => "kept",
        _ => "pruned",
    };
}
