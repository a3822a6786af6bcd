namespace Wherry.Client;

/// <summary>A failure as the API tells it.</summary>
/// <param name="Code">Stable, <c>word/what</c>; <c>wherry explain CODE</c> tells more.</param>
/// <param name="Message">What happened, to what.</param>
/// <param name="Hint">What to do next.</param>
public sealed record ApiProblem(string Code, string Message, string Hint)
{
    /// <summary>What was seen, a line each: the last probe, the exit code, where it listens, and last the lines that it wrote.</summary>
    public IReadOnlyList<string> Evidence { get; set; } = []; // set, not init: the generated reader would make an absent one null
}

/// <summary>Thrown by <see cref="WherryClient"/> when the server refused or could not be reached.</summary>
public sealed class ApiException(ApiProblem problem, int status, Exception? cause = null) : Exception(problem.Message, cause)
{
    public ApiProblem Problem { get; } = problem;

    public int Status { get; } = status;
}
