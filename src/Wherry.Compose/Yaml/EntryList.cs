namespace Wherry.Compose.Yaml;

/// <summary>The entries of a mapping while it is read: refuses duplicates, and puts in what merge keys bring.</summary>
/// <remarks>An explicit key wins over a merged one wherever it stands; among merged ones the first wins.</remarks>
internal sealed class EntryList(SpecErrors errors)
{
    private readonly Dictionary<string, YamlEntry> _explicit = new(StringComparer.Ordinal);
    private readonly List<YamlEntry> _entries = [];
    private readonly List<YamlMap> _merged = [];
    private Mark? _mergedAt;

    public void Add(YamlEntry entry)
    {
        if (_explicit.TryAdd(entry.Key, entry))
        {
            _entries.Add(entry);
            return;
        }

        AddDuplicate(entry.Key, entry.At, _explicit[entry.Key].At);
    }

    public void Merge(Mark at, YamlNode value)
    {
        if (_mergedAt is { } first)
        {
            AddDuplicate("<<", at, first);
            return;
        }

        _mergedAt = at;
        var parts = value is YamlList list ? list.Items : [value];
        _merged.AddRange(parts.OfType<YamlMap>());
        if (parts.FirstOrDefault(p => p is not YamlMap) is { } wrong)
        {
            errors.Add(at, "<<", "compose/merge", $"only a mapping or a list of mappings can be merged, not {wrong.Shape}", "Refer to the anchor of a mapping: <<: *name.");
        }
    }

    public List<YamlEntry> ToList()
    {
        var seen = new HashSet<string>(_explicit.Keys, StringComparer.Ordinal);
        foreach (var entry in _merged.SelectMany(m => m.Entries))
        {
            if (seen.Add(entry.Key))
            {
                _entries.Add(entry);
            }
        }

        return _entries;
    }

    private void AddDuplicate(string key, Mark at, Mark first) =>
        errors.Add(at, key, "compose/duplicate-key", $"this key stands already at {first}", "Keep one of the two.");
}
