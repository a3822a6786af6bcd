namespace Wherry.Server.Sources;

/// <summary>Files to deploy, in a plain folder that nobody else changes. Disposing it lets them go.</summary>
/// <param name="root">Folder of the Compose file or Dockerfile, absolute.</param>
/// <param name="release">What letting go means.</param>
internal sealed class SourceTree(string root, Func<ValueTask> release) : IAsyncDisposable
{
    private Func<ValueTask>? _release = release;

    public string Root { get; } = root;

    /// <summary>For the history: <c>push 1a2b3c4 on main</c>, <c>upload</c>.</summary>
    public required string Describe { get; init; }

    /// <summary>Full hash; <see langword="null"/> when it did not come from Git.</summary>
    public string? Commit { get; init; }

    /// <summary>First line of the commit's message.</summary>
    public string? CommitMessage { get; init; }

    /// <summary>Name of the commit's author.</summary>
    public string? Author { get; init; }

    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _release, null)?.Invoke() ?? ValueTask.CompletedTask;
}
