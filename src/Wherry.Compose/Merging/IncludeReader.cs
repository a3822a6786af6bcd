using Wherry.Compose.Interpolation;
using Wherry.Compose.Reading;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Merging;

/// <summary>Brings in what the Compose files under <c>include</c> describe, each with its own folder and variables.</summary>
internal sealed class IncludeReader(FileLoader files, SourceReader source, SpecErrors errors)
{
    private const int MaxDepth = 16;

    private static readonly string[] Sections = ["services", "volumes", "networks", "secrets", "configs"];

    /// <summary>The file without <c>include</c>, with what it brings.</summary>
    /// <param name="chain">The files that include each other down to this one.</param>
    public YamlMap Apply(YamlMap tree, Origin origin, IReadOnlyList<string> chain)
    {
        if (tree.Find("include") is not { } include)
        {
            return tree;
        }

        var all = new YamlMap(tree.At, [.. tree.Entries.Where(e => e.Key != "include")]);
        if (include.Value.IsNull)
        {
            return all;
        }

        foreach (var item in new Field("include", include.Value, errors).Items())
        {
            if (Read(item, origin) is { } wanted && Load(wanted, origin, chain) is { } found)
            {
                all = Import(all, found);
            }
        }

        return all;
    }

    private static Included? Read(Field item, Origin origin)
    {
        if (!item.IsMap)
        {
            return Paths(item, origin) is { } only ? new(item, only, SourceFolder.OfFile(only[0]), []) : null;
        }

        var f = item.Map()!;
        var paths = f["path"] is { } path ? Paths(path, origin) : null;
        var folder = f["project_directory"] is { } directory ? directory.Filled() is { } text ? directory.Try(() => origin.Folder.Resolve(text)) : null : null;
        var env = f["env_file"]?.ItemOrItems() ?? [];
        if (!f.Has("path"))
        {
            f.Wrong("compose/value", "needs path", "Write path: and the Compose file to include.");
        }

        f.Close();
        return paths is null ? null : new(item, paths, folder is null ? SourceFolder.OfFile(paths[0]) : SourceFolder.Of(folder), env);
    }

    /// <summary>From the source's root; <see langword="null"/> after a report.</summary>
    private static List<string>? Paths(Field field, Origin origin)
    {
        var items = field.ItemOrItems();
        var paths = items.Select(i => i.Filled() is { } text && !FileLoader.RefuseRemote(i, text) ? i.Try(() => origin.Folder.Resolve(text))?.Value : null).OfType<string>().ToList();
        return paths.Count == items.Count && paths.Count > 0 ? paths : null;
    }

    private YamlMap? Load(Included wanted, Origin origin, IReadOnlyList<string> chain)
    {
        if (wanted.Paths.Find(p => chain.Contains(p)) is { } again)
        {
            wanted.Field.Wrong("compose/cycle", $"includes itself: {string.Join(" -> ", chain.SkipWhile(c => c != again).Append(again))}", "Remove one of these include entries.");
            return null;
        }

        if (chain.Count >= MaxDepth)
        {
            wanted.Field.Wrong("compose/too-large", $"includes nest deeper than {MaxDepth} files", "Include the inner files from fewer places.");
            return null;
        }

        var texts = wanted.Paths.Select(p => (Name: p, Text: files.Read(wanted.Field, p))).ToList();
        return texts.Exists(t => t.Text is null) ? null : files.LoadAll([.. texts.Select(t => (t.Name, t.Text!))], wanted.Folder, Variables(wanted, origin), chain);
    }

    /// <summary>What the including file sees, and behind it the entry's <c>env_file</c>, or the <c>.env</c> of its folder.</summary>
    private Variables Variables(Included wanted, Origin origin)
    {
        if (wanted.Env.Count == 0)
        {
            var dotEnv = wanted.Field.Try(() => source.In(wanted.Folder).FindText(".env") ?? "");
            return origin.Variables.Behind([new(wanted.EnvName, dotEnv ?? "")], wanted.Field.Node.At, errors);
        }

        var texts = new List<VariableFile>();
        foreach (var field in wanted.Env)
        {
            // Naming this file is how Compose's documentation turns the .env off.
            if (field.Filled() is { } path and not "/dev/null")
            {
                var text = field.Try(() => source.In(origin.Folder).FindText(path)
                    ?? throw new Problem("compose/file-missing", $"{Problem.Quoted(path)} is not in the source", "Add the file, or remove it from env_file.").AsException());
                texts.Add(new(path, text ?? ""));
            }
        }

        return origin.Variables.Behind(texts, wanted.Field.Node.At, errors);
    }

    private YamlMap Import(YamlMap all, YamlMap found)
    {
        var sections = all.Entries.ToDictionary(e => e.Key, StringComparer.Ordinal);
        foreach (var section in Sections)
        {
            if (found.Find(section) is { Value: YamlMap more } entry)
            {
                sections[section] = sections.TryGetValue(section, out var there) && !there.Value.IsNull
                    ? there.Value is YamlMap map ? there with { Value = Join(map, more, section) } : there
                    : entry;
            }
        }

        return new(all.At, [.. sections.Values]);
    }

    private YamlMap Join(YamlMap there, YamlMap more, string section)
    {
        var entries = new List<YamlEntry>(there.Entries);
        foreach (var entry in more.Entries)
        {
            if (there.Find(entry.Key) is not { } other)
            {
                entries.Add(entry);
            }
            else if (!SameTree.Are(entry.Value, other.Value))
            {
                errors.Add(entry.At, $"{section}.{entry.Key}", "compose/include-conflict", $"stands in {other.At.Origin?.File}:{other.At} too, and says something else there", "Rename one of the two. To change what is included, write the change into an override file.");
            }
        }

        return new(there.At, entries);
    }

    private sealed record Included(Field Field, List<string> Paths, SourceFolder Folder, IReadOnlyList<Field> Env)
    {
        /// <summary>The folder's own file, from the source's root.</summary>
        public string EnvName => Folder.Resolve(".env").Value;
    }
}
