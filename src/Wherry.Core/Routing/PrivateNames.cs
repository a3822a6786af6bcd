namespace Wherry.Core.Routing;

/// <summary>Names that are nobody's on the internet, so that no public authority signs for them.</summary>
public static class PrivateNames
{
    /// <param name="host">In lower case.</param>
    public static bool Contains(string host) =>
        host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal) || host.EndsWith(".internal", StringComparison.Ordinal);
}
