using System.Collections.Concurrent;
using System.Threading.Channels;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Git;
using Wherry.Server.Sources;

namespace Wherry.Server.Tests.Git;

/// <param name="Files">Relative path to content; a link's content is <c>-> target</c>.</param>
internal sealed record Deployed(EnvironmentRef Environment, string Actor, string Describe, string? Message, IReadOnlyDictionary<string, string> Files, IReadOnlySet<string> Executables);

/// <summary>Deployments without an engine: they remember what they were given and do what the test says.</summary>
internal sealed class MemoryDeployments : IPushDeployments
{
    public ConcurrentQueue<Deployed> All { get; } = new();

    /// <summary>Names of those that ended.</summary>
    public ConcurrentQueue<string> Ended { get; } = new();

    /// <summary>What a deployment does. Default: one line, and success.</summary>
    public Func<Deployed, Func<string, Task>, Task<Problem?>> Work { get; set; } = async (deployed, say) =>
    {
        await say($"built {deployed.Environment.Project}");
        return null;
    };

    public Task<DeploymentTicket> DeployAsync(EnvironmentRef environment, string actor, SourceTree tree, CancellationToken ct)
    {
        var files = Directory.EnumerateFiles(tree.Root, "*", SearchOption.AllDirectories).Select(f => new FileInfo(f)).ToList();
        var deployed = new Deployed(
            environment, actor, tree.Describe, tree.CommitMessage,
            files.ToDictionary(f => Path.GetRelativePath(tree.Root, f.FullName), f => f.LinkTarget is { } target ? $"-> {target}" : f.Length > 10_000 ? $"{f.Length} bytes" : File.ReadAllText(f.FullName)),
            files.Where(f => f.LinkTarget is null && f.UnixFileMode.HasFlag(UnixFileMode.UserExecute)).Select(f => Path.GetRelativePath(tree.Root, f.FullName)).ToHashSet());
        All.Enqueue(deployed);
        var lines = Channel.CreateUnbounded<string>();
        return Task.FromResult(new DeploymentTicket($"dep-{All.Count}", lines.Reader.ReadAllAsync(CancellationToken.None), RunAsync(deployed, tree, lines.Writer)));
    }

    private async Task<DeploymentEnd> RunAsync(Deployed deployed, SourceTree tree, ChannelWriter<string> lines)
    {
        await using (tree)
        {
            var problem = await Work(deployed, line => lines.WriteAsync(line).AsTask());
            lines.Complete();
            Ended.Enqueue(deployed.Environment.ToString());
            return new DeploymentEnd(problem, [$"http://{deployed.Environment.Project}.localhost"]);
        }
    }
}
