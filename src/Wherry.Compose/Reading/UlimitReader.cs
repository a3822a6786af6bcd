using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary><c>ulimits</c>: one number for both limits, or soft and hard.</summary>
internal static class UlimitReader
{
    public static IReadOnlyList<Ulimit> Read(Field? field) =>
        [.. (field?.Entries() ?? []).Select(e => ReadOne(e.Key, e.Value)).OfType<Ulimit>()];

    private static Ulimit? ReadOne(string name, Field field)
    {
        if (name.Length == 0 || !name.All(char.IsAsciiLetterLower))
        {
            field.Wrong($"{Problem.Quoted(name)} is not the name of a ulimit", "Use a name such as nofile or nproc.");
            return null;
        }

        if (!field.IsMap)
        {
            return field.Int(-1) is { } both ? new(name, both, both) : null;
        }

        var f = field.Map()!;
        var soft = f["soft"]?.Int(-1);
        var hard = f["hard"]?.Int(-1);
        if (!f.Has("soft") || !f.Has("hard"))
        {
            f.Wrong("compose/value", "needs soft and hard", "Write both limits, or one number for both.");
        }

        f.Close();
        return soft is null || hard is null ? null : new(name, soft.Value, hard.Value);
    }
}
