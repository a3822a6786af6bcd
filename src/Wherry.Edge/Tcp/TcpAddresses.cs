using System.Net;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Tcp;

/// <summary>Where the TCP routes of an edge listen.</summary>
public static class TcpAddresses
{
    /// <summary>Those that its state file names; none when that cannot be read.</summary>
    /// <param name="home">The edge's folder.</param>
    /// <param name="http">Where it takes HTTP.</param>
    public static IEnumerable<IPEndPoint> Saved(string home, IEnumerable<IPEndPoint> http)
    {
        try
        {
            var addresses = http.Select(a => a.Address).Distinct().ToArray();
            return new StateFile(Path.Combine(home, "state.json"), TimeProvider.System).Load().SelectMany(s => s.Service.Tcp ?? []).SelectMany(r => Of(r, addresses)).ToArray();
        }
        catch (ProblemException)
        {
            return []; // the edge says what is wrong with it
        }
    }

    /// <param name="route">Whose.</param>
    /// <param name="addresses">Of the edge, for a route that names none.</param>
    internal static IEnumerable<IPEndPoint> Of(TcpRoute route, IReadOnlyList<IPAddress> addresses) =>
        (route.Address is { } one ? [IPAddress.Parse(one)] : addresses).Select(a => new IPEndPoint(a, route.Listen));
}
