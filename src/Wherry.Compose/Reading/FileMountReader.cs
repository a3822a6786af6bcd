using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary>A service's <c>secrets</c> and <c>configs</c>: files put into its containers.</summary>
internal static class FileMountReader
{
    private const int MaxFiles = 200;
    private const int DefaultMode = 0x124; // 0444 in octal

    /// <param name="f">The service.</param>
    /// <param name="service">What the top level declares.</param>
    /// <param name="bound">Files that its <c>volumes</c> bring.</param>
    public static IReadOnlyList<FileMount> Read(Fields f, ServiceContext service, IReadOnlyList<FileMount> bound)
    {
        var files = new List<FileMount>();
        foreach (var (key, isSecret) in new[] { ("secrets", true), ("configs", false) })
        {
            var items = f[key]?.Items() ?? [];
            if (items.Count > MaxFiles)
            {
                f[key]!.Wrong($"names more than {MaxFiles} files", "Put fewer files in.");
                continue;
            }

            foreach (var item in items)
            {
                Add(files, bound, item, Read(item, isSecret, service));
            }
        }

        return [.. files, .. bound];
    }

    private static void Add(List<FileMount> files, IReadOnlyList<FileMount> bound, Field item, FileMount? file)
    {
        if (file is not null && files.Concat(bound).Any(f => f.Target == file.Target))
        {
            item.Wrong($"another file is put at {Problem.Quoted(file.Target)} already", "Give one of the two another target.");
        }
        else if (file is not null)
        {
            files.Add(file);
        }
    }

    private static FileMount? Read(Field item, bool isSecret, ServiceContext service)
    {
        if (!item.IsMap)
        {
            return item.Filled() is { } name ? Make(item, name, new(), isSecret, service) : null;
        }

        var f = item.Map()!;
        var source = f["source"]?.Filled();
        var place = new Place
        {
            Target = f["target"]?.Filled(),
            Uid = (int)(f["uid"]?.Int(0, int.MaxValue) ?? 0),
            Gid = (int)(f["gid"]?.Int(0, int.MaxValue) ?? 0),
            Mode = f["mode"]?.Mode() ?? DefaultMode,
        };
        if (!f.Has("source"))
        {
            f.Wrong("compose/value", "needs source", "Write source: and the name of the top-level entry.");
        }

        f.Close();
        return source is null ? null : Make(item, source, place, isSecret, service);
    }

    private static FileMount? Make(Field item, string name, Place place, bool isSecret, ServiceContext service)
    {
        var (word, declared) = isSecret ? ("secret", service.Top.Secrets) : ("config", service.Top.Configs);
        if (!declared.TryGetValue(name, out var source))
        {
            item.Wrong("compose/undefined-reference", $"the {word} {Problem.Quoted(name)} is not declared", $"Add it under the top-level {word}s.");
            return null;
        }

        var folder = isSecret ? "/run/secrets/" : "/";
        var target = place.Target is { } t ? (t.StartsWith('/') ? t : folder + t) : folder + name;
        if (target.Split('/').Contains("..") || target.EndsWith('/'))
        {
            item.Wrong($"{Problem.Quoted(target)} is not the path of a file", "Use a path without .. in it.");
            return null;
        }

        return service.IsActive && source?.Content(item, service.Name, service.Source, service.Variables) is { } content
            ? new(target, content, place.Mode, place.Uid, place.Gid, isSecret)
            : null;
    }

    private sealed record Place
    {
        public string? Target { get; init; }

        public int Uid { get; init; }

        public int Gid { get; init; }

        public int Mode { get; init; } = DefaultMode;
    }
}
