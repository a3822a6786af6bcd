using Wherry.Core.Model;

namespace Wherry.Core.Routing;

/// <summary>Who says whether a host that nobody listed gets a certificate.</summary>
public static class OnDemand
{
    private const int Longest = 1024;

    /// <summary>What is wrong with it; <see langword="null"/>: nothing. A path is asked of the service itself, an address of whoever is there.</summary>
    public static string? WrongWith(string policy)
    {
        if (policy.Length > Longest || policy.Any(c => c is <= ' ' or > '~' or '#' or '\\'))
        {
            return "is no path and no address";
        }

        if (IsPath(policy))
        {
            return policy.StartsWith("//", StringComparison.Ordinal) ? "is no path and no address" : null;
        }

        return Uri.TryCreate(policy, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Host.Length: > 0, UserInfo: "" } ? null : "is no path and no http address";
    }

    /// <summary>Whether the service itself is asked.</summary>
    public static bool IsPath(string policy) => policy.StartsWith('/');

    /// <summary>Whether a service's routes take hosts that nobody listed; without such a route its policy would never be asked.</summary>
    public static bool HasPlace(IEnumerable<Route> routes) => routes.Any(r => r.Host is null or { IsWildcard: true });
}
