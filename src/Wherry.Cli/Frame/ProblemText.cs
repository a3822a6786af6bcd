using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Frame;

/// <summary>A problem as a person reads it: what happened, what was seen, what to do, and the code for <c>wherry explain</c>.</summary>
internal static class ProblemText
{
    public static void Write(TextWriter err, ApiProblem problem, bool colour)
    {
        err.WriteLine(Paint.Red(problem.Message, colour));
        foreach (var line in problem.Evidence)
        {
            err.WriteLine($"  {line}");
        }

        err.WriteLine($"  → {problem.Hint}");
        err.WriteLine(Paint.Dim($"  ({problem.Code})", colour));
    }
}
