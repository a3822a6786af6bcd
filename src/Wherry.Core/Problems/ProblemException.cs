using Wherry.Core.Health;

namespace Wherry.Core.Problems;

/// <summary>Carries a <see cref="Problem"/> to the one place that shows it.</summary>
public sealed class ProblemException(Problem problem, Exception? cause = null) : Exception(problem.Message, cause)
{
    /// <summary>What the user is told.</summary>
    public Problem Problem { get; } = problem;

    /// <summary>The last probe of each target that was not well, when a gate failed.</summary>
    public IReadOnlyList<ProbeReport> Probes { get; init; } = [];

    /// <summary>Not before then does another try make sense, when whoever refused said so.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}
