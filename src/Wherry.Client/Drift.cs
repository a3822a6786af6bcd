namespace Wherry.Client;

/// <summary>What runs differs from what should.</summary>
/// <param name="Service"><see langword="null"/> when it is about the whole environment.</param>
/// <param name="Kind"><c>missing</c>, <c>extra</c>, <c>settings</c>, <c>traffic</c>, <c>network</c>, <c>running</c>, <c>orphan</c> or <c>crash-loop</c>.</param>
/// <param name="Wanted">What should be, for a person.</param>
/// <param name="Found">What is, for a person.</param>
/// <param name="Since">When it was seen first.</param>
/// <param name="Heals">It is mended without being asked.</param>
public sealed record Drift(string Project, string Environment, string? Service, string Kind, string Wanted, string Found, DateTimeOffset Since, bool Heals);
