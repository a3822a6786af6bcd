#pragma warning disable CA1822
using Wherry.Core.Model;
using Wherry.Server.Environments;
namespace Wherry.Server.Sources
{
public sealed class SourceTree : IAsyncDisposable { public string Root => ""; public string? CommitMessage => null; public string Describe => ""; public ValueTask DisposeAsync() => default; }
public sealed class SourceStore
{
    public Task<SourceTree> FromUploadAsync(EnvironmentRef e, string id, SourcePath p, CancellationToken ct) => throw new InvalidOperationException();
    public Task<SourceTree> FromRemoteAsync(GitSource s, CancellationToken ct) => throw new InvalidOperationException();
    public Task<SourceTree> FromRepositoryAsync(ProjectName s, GitRef r, SourcePath p, CancellationToken ct) => throw new InvalidOperationException();
}
}
namespace Wherry.Server.Git
{
public sealed class GitRepositories { public void Remove(ProjectName p) => throw new InvalidOperationException(); }
}
