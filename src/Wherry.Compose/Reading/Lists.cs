namespace Wherry.Compose.Reading;

/// <summary>Lists and mappings of which an empty one says the same as none.</summary>
internal static class Lists
{
    /// <summary>The items, or the one value that stands for a list; <see langword="null"/> when there are none.</summary>
    public static IReadOnlyList<T>? Filled<T>(Field? field, Func<Field, T?> read)
        where T : class => field?.ItemOrItems().Select(read).OfType<T>().ToList() is { Count: > 0 } items ? items : null;

    /// <summary>Names with values; <see langword="null"/> when there are none.</summary>
    public static IReadOnlyDictionary<string, string>? Pairs(Field? field) => field?.Pairs() is { Count: > 0 } pairs ? pairs : null;
}
