namespace Wherry.Edge.Listening;

/// <summary>Marks a connection that came through the edge's socket.</summary>
internal sealed class ControlConnection
{
    public static ControlConnection Mark { get; } = new();
}
