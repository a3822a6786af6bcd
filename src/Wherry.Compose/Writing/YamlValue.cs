using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Wherry.Compose.Writing;

/// <summary>A part of a YAML text that is to be written: a mapping, a sequence or a leaf. Texts, numbers and booleans become leaves by themselves.</summary>
public abstract class YamlValue
{
    private protected YamlValue()
    {
    }

    /// <summary>An explicit <c>null</c>.</summary>
    public static YamlValue Null { get; } = new YamlLeaf("null", IsText: false);

    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator YamlValue?(string? text) => text is null ? null : new YamlLeaf(text, IsText: true);

    public static implicit operator YamlValue(long number) => new YamlLeaf(TextForm.Of(number), IsText: false);

    public static implicit operator YamlValue(bool claim) => new YamlLeaf(claim ? "true" : "false", IsText: false);
}

/// <summary>A leaf.</summary>
internal sealed class YamlLeaf(string text, bool IsText) : YamlValue
{
    public string Text => text;

    /// <summary>Read back as this text, whatever it looks like; else it is a number, a boolean or null.</summary>
    public bool IsText { get; } = IsText;

    public override string ToString() => text;
}

/// <summary>Keys with values, in the order in which they were set.</summary>
public sealed class YamlMapping : YamlValue, IEnumerable<KeyValuePair<string, YamlValue>>
{
    private readonly List<KeyValuePair<string, YamlValue>> _entries = [];

    public YamlMapping()
    {
    }

    public YamlMapping(IEnumerable<KeyValuePair<string, string>> pairs) =>
        _entries.AddRange(pairs.Select(p => KeyValuePair.Create(p.Key, (YamlValue)p.Value!)));

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Setting <see langword="null"/> leaves the key out; setting a key again keeps its place.</summary>
    public YamlValue? this[string key]
    {
        get => Index(key) is >= 0 and var at ? _entries[at].Value : null;
        set
        {
            var at = Index(key);
            if (at >= 0)
            {
                _entries.RemoveAt(at);
            }

            if (value is not null)
            {
                _entries.Insert(at < 0 ? _entries.Count : at, KeyValuePair.Create(key, value));
            }
        }
    }

    /// <summary>This mapping, or <see langword="null"/> when nothing stands in it.</summary>
    public YamlMapping? OrNothing() => IsEmpty ? null : this;

    public IEnumerator<KeyValuePair<string, YamlValue>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int Index(string key) => _entries.FindIndex(e => e.Key == key);
}

/// <summary>Items in their order.</summary>
public sealed class YamlSequence : YamlValue, IEnumerable<YamlValue>
{
    private readonly List<YamlValue> _items = [];

    public YamlSequence()
    {
    }

    public YamlSequence(IEnumerable<string> texts) => _items.AddRange(texts.Select(t => (YamlValue)t!));

    public YamlSequence(IEnumerable<YamlValue> items) => _items.AddRange(items);

    public bool IsEmpty => _items.Count == 0;

    public void Add(YamlValue item) => _items.Add(item);

    /// <summary>This sequence, or <see langword="null"/> when nothing stands in it.</summary>
    public YamlSequence? OrNothing() => IsEmpty ? null : this;

    public IEnumerator<YamlValue> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
