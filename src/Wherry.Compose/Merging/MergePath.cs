namespace Wherry.Compose.Merging;

/// <summary>Where a value stands, as it is written and as the rules name it.</summary>
/// <param name="Written">With the names that the file gives: <c>services.web.labels</c>.</param>
/// <param name="Pattern">With <c>*</c> in their place: <c>services.*.labels</c>.</param>
internal readonly record struct MergePath(string Written, string Pattern)
{
    /// <summary>Mappings whose keys are names that the file gives.</summary>
    private static readonly HashSet<string> Named = ["services", "networks", "volumes", "secrets", "configs", "services.*.networks", "services.*.ulimits", "services.*.depends_on"];

    /// <summary>The whole file.</summary>
    public static MergePath Root { get; } = new("", "");

    public static MergePath Service(string name) => Root.Below("services").Below(name);

    public MergePath Below(string key) => Pattern.Length == 0 ? new(key, key) : new($"{Written}.{key}", $"{Pattern}.{(Named.Contains(Pattern) ? "*" : key)}");
}
