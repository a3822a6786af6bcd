using Wherry.Core.Problems;

namespace Wherry.Edge.Foreign;

/// <summary>What is told about a foreign proxy that cannot do, or does not do, what it shall.</summary>
internal static class ForeignProblems
{
    /// <exception cref="ProblemException"><c>edge/unsupported</c>, when there are any.</exception>
    public static void Refuse(IForeignProxy proxy, string key, IEnumerable<Unsupported> refusals)
    {
        if (refusals.ToList() is not [var first, ..] all)
        {
            return;
        }

        throw new Problem(
            "edge/unsupported",
            $"{key} asks for what {proxy.Name} cannot do: {string.Join(", ", all.Select(r => r.What))}.",
            $"{first.Instead ?? "Leave it out"}. Or let Wherry's own edge serve: `wherry up --edge own`. docs/operate/edges.md says what each can do.").AsException();
    }

    /// <returns><see langword="null"/>: nothing is left out.</returns>
    public static Problem? LeftOut(IForeignProxy proxy, IReadOnlyCollection<string> keys) => keys.Count == 0 ? null : new(
        "edge/unsupported",
        $"Not served, as {proxy.Name} cannot do all that is asked for: {string.Join(", ", keys.Order(StringComparer.Ordinal))}.",
        "The edge's log names what. Deploy without it, or let Wherry's own edge serve: `wherry up --edge own`. docs/operate/edges.md says what each can do.");

    public static Problem Silent(IForeignProxy proxy, TimeSpan within) => new(
        "edge/proxy-away",
        $"{proxy.Name} at {proxy.Address} did not answer within {within.TotalSeconds:0} s.",
        "See its log; what it served is kept, and told to it again when it answers.");

    /// <summary>What an attempt to tell it ended with.</summary>
    public static Problem Of(IForeignProxy proxy, Exception exception, TimeSpan within) => exception switch
    {
        ProblemException e => e.Problem,
        OperationCanceledException => Silent(proxy, within),
        _ => new("edge/proxy-refused", $"{proxy.Name} at {proxy.Address} cannot be told what to serve: {exception.Message}", "Look into its configuration. What it serves stays as it is; it is told again in two seconds."),
    };
}
