using Wherry.Compose.Reading;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Merging;

/// <summary>Puts each service over the one that it <c>extends</c>, in this file or another.</summary>
internal sealed class ExtendsReader(FileLoader files, TreeMerge merge, SpecErrors errors)
{
    private const int MaxChain = 100;

    private readonly Dictionary<string, LoadedFile?> _files = new(StringComparer.Ordinal);

    /// <summary>The file without <c>extends</c>.</summary>
    public YamlMap Apply(LoadedFile file)
    {
        if (file.Services is not { } services || !services.Entries.Any(e => Extends(e.Value) is not null))
        {
            return file.Tree;
        }

        var own = new Dictionary<string, YamlMap?>(StringComparer.Ordinal);
        var resolved = new YamlMap(services.At, [.. services.Entries.Select(e => Extends(e.Value) is null ? e : e with { Value = Resolve(new(file, e.Key, e.Key, own), []) ?? e.Value })], services.Tag);
        return new(file.Tree.At, [.. file.Tree.Entries.Select(e => e.Key == "services" ? e with { Value = resolved } : e)]);
    }

    /// <param name="chain">The services that wait for this one, outermost first.</param>
    /// <returns><see langword="null"/> when the service is no mapping.</returns>
    private YamlMap? Resolve(Wanted wanted, IReadOnlyList<string> chain)
    {
        var key = wanted.File.Pending is null ? wanted.Key : $"{wanted.Key} for {wanted.Asker}";
        if (wanted.Known.TryGetValue(key, out var known))
        {
            return known;
        }

        var service = Find(wanted);
        if (service is null || Extends(service) is not { } extends)
        {
            return wanted.Known[key] = service;
        }

        var own = new YamlMap(service.At, [.. service.Entries.Where(e => e.Key != "extends")], service.Tag);
        var found = Base(new Field($"services.{wanted.Name}.extends", extends, errors), wanted, [.. chain, wanted.Key]);
        var merged = found is null ? WithBrokenImage(own) : WithTags(merge.Merge(TreeMerge.Clean(found), own, MergePath.Service(wanted.Name)), own);
        files.CountTaken(merged, wanted.File.Origin.File);
        return wanted.Known[key] = merged;
    }

    /// <summary>The service that is extended; <see langword="null"/> after a report.</summary>
    private YamlMap? Base(Field field, Wanted wanted, IReadOnlyList<string> chain)
    {
        var (name, path) = Read(field);
        if (name is null || (path is null ? wanted.File : Open(field, path, wanted.File.Origin)) is not { } file)
        {
            return null;
        }

        var next = wanted with { File = file, Name = name };
        if (chain.Contains(next.Key))
        {
            field.Wrong("compose/cycle", $"extends itself: {string.Join(" -> ", chain.SkipWhile(k => k != next.Key).Append(next.Key))}", "Remove one of these extends.");
            return null;
        }

        if (chain.Count >= MaxChain)
        {
            field.Wrong("compose/too-large", $"more than {MaxChain} services extend one another", "Extend from fewer services.");
            return null;
        }

        if (file.Services?.Find(name) is null)
        {
            field.Wrong("compose/undefined-reference", $"there is no service {Problem.Quoted(name)} in {file.Origin.File}", path is null ? "Name a service of this file; for one of another file write file: beside service:." : "Name a service of that file.");
            return null;
        }

        return Resolve(next, chain);
    }

    private static (string? Service, string? File) Read(Field field)
    {
        if (!field.IsMap)
        {
            return (field.Filled(), null);
        }

        var f = field.Map()!;
        var (service, file) = (f["service"]?.Filled(), f["file"]);
        if (!f.Has("service"))
        {
            f.Wrong("compose/value", "needs service", "Write service: and the name of the service to extend.");
        }

        f.Close();
        var path = file?.Filled();
        return file is not null && path is null ? (null, null) : (service, path);
    }

    private LoadedFile? Open(Field field, string text, Origin from)
    {
        if (FileLoader.RefuseRemote(field, text) || field.Try(() => from.Folder.Resolve(text)) is not { } path)
        {
            return null;
        }

        // The variables are those of whoever extends, and an included file may have others.
        var key = $"{path} {System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(from.Variables)}";
        if (!_files.TryGetValue(key, out var file))
        {
            file = _files[key] = files.Read(field, path.Value) is { } content ? files.Parse(path.Value, content, SourceFolder.OfFile(path.Value), from.Variables) : null;
        }

        return file;
    }

    private static YamlMap? Find(Wanted wanted)
    {
        var node = wanted.File.Services?.Find(wanted.Name)?.Value;
        return (node is null ? null : wanted.File.Pending?.ExpandService(node, wanted.Name, wanted.Asker) ?? node) as YamlMap;
    }

    /// <summary>What the service's own keys do to the same keys of an earlier file, they do also when it extends another.</summary>
    private static YamlMap WithTags(YamlMap merged, YamlMap own) => own.HasTags
        ? new(
            merged.At,
            [
                .. merged.Entries.Select(e => own.Find(e.Key)?.Value.Tag is MergeTag.Override ? e with { Value = TreeMerge.Tagged(e.Value, MergeTag.Override) } : e),
                .. own.Entries.Where(e => e.Value.Tag == MergeTag.Reset),
            ],
            own.Tag)
        : merged;

    /// <summary>What it extends is not known, and that is told: that it has no image then is not.</summary>
    private static YamlMap WithBrokenImage(YamlMap own) => own.Find("image") is null
        ? new(own.At, [.. own.Entries, new("image", own.At, new YamlScalar(own.At, "", ScalarKind.Broken))], own.Tag)
        : own;

    private static YamlNode? Extends(YamlNode service) => (service as YamlMap)?.Find("extends")?.Value is { IsNull: false } extends ? extends : null;

    /// <param name="Asker">The service of the project that all this is for.</param>
    /// <param name="Known">What was resolved for the same file before.</param>
    private sealed record Wanted(LoadedFile File, string Name, string Asker, Dictionary<string, YamlMap?> Known)
    {
        public string Key => $"{File.Origin.File}:{Name}";
    }
}
