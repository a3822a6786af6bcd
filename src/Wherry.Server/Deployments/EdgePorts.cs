using System.Globalization;
using Wherry.Core.Routing;

namespace Wherry.Server.Deployments;

/// <summary>The edge's ports for visitors.</summary>
/// <param name="Tls"><see langword="null"/>: it does not listen for TLS.</param>
internal sealed record EdgePorts(int Plain, int? Tls)
{
    /// <param name="health"><see langword="null"/> when the edge does not answer: what is usual is told.</param>
    public static EdgePorts Of(EdgeHealth? health) => new(First(health?.Listen) ?? 80, First(health?.ListenTls));

    private static int? First(IReadOnlyList<string>? listen) =>
        listen is [var first, ..] && int.TryParse(first.AsSpan(first.LastIndexOf(':') + 1), CultureInfo.InvariantCulture, out var port) ? port : null;
}
