namespace Wherry.Server.Git;

/// <summary>One run of <c>git</c>: arguments as they are, never through a shell.</summary>
internal sealed record GitCall(params IReadOnlyList<string> Arguments)
{
    /// <summary>Bare repository to work in. Default: none, for instance to make one.</summary>
    public string? Repository { get; init; }

    /// <summary>Settings for this run only.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Variables on top of the few that every run has.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Longest time it may take; then it is killed. Default 2 min.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);
}

/// <param name="Error">End of what git wrote to standard error, for a person.</param>
internal sealed record GitResult(int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;
}
