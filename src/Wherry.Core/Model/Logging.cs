using System.Globalization;

namespace Wherry.Core.Model;

/// <summary>Where the engine writes a container's output.</summary>
/// <param name="Driver"><see langword="null"/>: <c>json-file</c>.</param>
/// <param name="Options">As the driver takes them.</param>
public sealed record Logging(string? Driver, IReadOnlyDictionary<string, string> Options)
{
    private const string Standard = "json-file";

    /// <summary>What the engine gives back of it can be collected. For drivers of its own format the engine keeps a copy, unless told not to.</summary>
    public bool IsReadable => Driver is not "none" && (Driver is null or Standard or "local" or "journald" || Options.GetValueOrDefault("cache-disabled") is not "true");

    /// <summary>Files on the engine's disk that never take more than <paramref name="maxFiles"/> times <paramref name="maxSize"/>.</summary>
    public static Logging Rotated(ByteSize maxSize, int maxFiles) => new(Standard, new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["max-file"] = maxFiles.ToString(CultureInfo.InvariantCulture),
        ["max-size"] = maxSize.Value,
    });

    /// <summary>With the bounds of <paramref name="standard"/> where the same driver is to write without any.</summary>
    public Logging BoundedBy(Logging standard) => (Driver ?? Standard) != standard.Driver ? this : standard with { Options = Merged(standard.Options) };

    private SortedDictionary<string, string> Merged(IReadOnlyDictionary<string, string> standard)
    {
        var merged = new SortedDictionary<string, string>(standard.ToDictionary(), StringComparer.Ordinal);
        foreach (var (name, value) in Options)
        {
            merged[name] = value;
        }

        return merged;
    }
}
