using Wherry.Core.Model;

namespace Wherry.Core.Routing;

/// <summary>A path segment of a host's routes: what is mounted here, and the segments below. Immutable; a change copies the nodes on its way.</summary>
/// <remarks>Segments are kept decoded, as the paths are that are looked up; an encoded slash stays encoded in both.</remarks>
internal sealed class PathNode
{
    private readonly RouteMatch? _here;
    private readonly Dictionary<string, PathNode>? _below;

    private PathNode(RouteMatch? here, Dictionary<string, PathNode>? below)
    {
        _here = here;
        _below = below is { Count: > 0 } ? below : null;
    }

    public static PathNode Empty { get; } = new(null, null);

    public bool IsEmpty => _here is null && _below is null;

    /// <summary>Any route mounted here or below.</summary>
    public RouteMatch? Any => _here ?? _below?.Values.First().Any;

    /// <summary>The route with the longest prefix of <paramref name="path"/> in whole segments.</summary>
    public RouteMatch? Longest(ReadOnlySpan<char> path)
    {
        var node = this;
        var best = _here;
        while (node._below is { } below && path.Length > 1 && path[0] == '/')
        {
            path = path[1..];
            var end = path.IndexOf('/');
            var segment = end < 0 ? path : path[..end];
            if (!below.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(segment, out node))
            {
                break;
            }

            best = node._here ?? best;
            path = path[segment.Length..];
        }

        return best;
    }

    /// <summary>The route mounted at exactly this prefix.</summary>
    public RouteMatch? Exactly(PathPrefix path)
    {
        var node = this;
        foreach (var segment in Segments(path))
        {
            if (node._below is null || !node._below.TryGetValue(segment, out node))
            {
                return null;
            }
        }

        return node._here;
    }

    public PathNode With(PathPrefix path, RouteMatch match) => Change(Segments(path), match);

    public PathNode Without(PathPrefix path) => Change(Segments(path), null);

    private PathNode Change(ReadOnlySpan<string> segments, RouteMatch? match)
    {
        if (segments.IsEmpty)
        {
            return new(match, _below);
        }

        var below = _below is null ? new Dictionary<string, PathNode>(1, StringComparer.Ordinal) : new Dictionary<string, PathNode>(_below, StringComparer.Ordinal);
        var child = below.GetValueOrDefault(segments[0], Empty).Change(segments[1..], match);
        if (child.IsEmpty)
        {
            below.Remove(segments[0]);
        }
        else
        {
            below[segments[0]] = child;
        }

        return new(_here, below);
    }

    private static string[] Segments(PathPrefix path) =>
        path == PathPrefix.Root ? [] : [.. path.Value[1..].Split('/').Select(Decode)];

    private static string Decode(string segment) => segment.Contains('%', StringComparison.Ordinal)
        ? string.Join("%2F", segment.Split(["%2F", "%2f"], StringSplitOptions.None).Select(Uri.UnescapeDataString))
        : segment;
}
