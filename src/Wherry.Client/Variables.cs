using System.Text.Json.Serialization;

namespace Wherry.Client;

/// <summary>A variable or secret of an environment.</summary>
/// <param name="Service">Handed to this service directly; <see langword="null"/>: to interpolation and to services that name it.</param>
/// <param name="Value"><see langword="null"/> for a secret: secrets are write-only.</param>
/// <param name="UsedBy">Services of the current release that get it.</param>
public sealed record Variable(string Name, string? Service, string? Value, bool Secret, DateTimeOffset ChangedAt, IReadOnlyList<string> UsedBy);

/// <summary>Sets and removes variables in one step; all or nothing.</summary>
/// <param name="Set">Values by name.</param>
/// <param name="Remove">Names to remove; unknown ones are refused.</param>
/// <param name="Service">Scope of all of them; <see langword="null"/> is the environment.</param>
/// <param name="Secret">Keep the values write-only and masked.</param>
/// <param name="Deploy">Deploy the current release with the new values at once. Default yes.</param>
public sealed record ChangeVariables([property: JsonRequired] IReadOnlyDictionary<string, string> Set, [property: JsonRequired] IReadOnlyList<string> Remove, string? Service = null, bool Secret = false, bool Deploy = true);

/// <summary>Answer of a change.</summary>
/// <param name="Deployment">Id of the deployment that applies it; <see langword="null"/> when none was needed or asked for.</param>
/// <param name="Unused">Names that no service uses yet.</param>
public sealed record VariablesChanged(string? Deployment, IReadOnlyList<string> Unused);
