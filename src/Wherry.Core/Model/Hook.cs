namespace Wherry.Core.Model;

/// <summary>A command that is run inside a container after its start or before its stop.</summary>
/// <param name="User">Default: the container's.</param>
/// <param name="WorkingDir">Default: the container's.</param>
/// <param name="Environment">Added to the container's own.</param>
public sealed record Hook(IReadOnlyList<string> Command, string? User, bool Privileged, string? WorkingDir, IReadOnlyDictionary<string, string> Environment);
