using Wherry.Compose.Interpolation;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary><c>environment</c> over <c>env_file</c>; among files the later one wins.</summary>
internal static class EnvironmentReader
{
    private const int MaxFiles = 50;

    public static SortedDictionary<string, string> Read(Fields f, ServiceContext service)
    {
        var environment = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in ReadFiles(f["env_file"]))
        {
            AddFile(environment, file, service);
        }

        var own = f["environment"];
        foreach (var (name, value) in own?.OptionalPairs() ?? [])
        {
            // A bare name takes the variable, and takes a file's value away when there is none: so does Compose.
            environment.Remove(name);
            if ((value ?? service.VariablesOf(own!).Find(name, service.Name, own!.Node.At, name)) is { } known)
            {
                environment[name] = known;
            }
        }

        return environment;
    }

    private static List<NamedFile> ReadFiles(Field? field)
    {
        var files = (field?.ItemOrItems() ?? []).Select(ReadFile).OfType<NamedFile>().ToList();
        if (files.Count <= MaxFiles)
        {
            return files;
        }

        field!.Wrong($"names more than {MaxFiles} files", "Join some of them.");
        return [];
    }

    private static NamedFile? ReadFile(Field field)
    {
        if (!field.IsMap)
        {
            return field.Filled() is { } text ? new(field, text, IsRequired: true, IsRaw: false) : null;
        }

        var f = field.Map()!;
        var path = f["path"]?.Filled();
        var required = f["required"]?.Bool() ?? true;
        var raw = f["format"]?.OneOf("raw") is not null;
        if (!f.Has("path"))
        {
            f.Wrong("compose/value", "needs path", "Write path: and the file's name.");
        }

        f.Close();
        return path is null ? null : new(field, path, required, raw);
    }

    private static void AddFile(SortedDictionary<string, string> environment, NamedFile file, ServiceContext service)
    {
        if (!service.IsActive || FindText(file, service) is not { } text)
        {
            return;
        }

        string? Find(string name) => service.VariablesOf(file.Field).Find(name, service.Name, file.Field.Node.At, file.Path);
        var parsed = file.IsRaw ? EnvFile.ParseRaw(text, Find) : EnvFile.Parse(text, Find, name => file.Field.Warn("compose/variable-unset", $"{file.Path}: the variable {name} is not set; it is replaced by nothing"));
        foreach (var problem in parsed.Problems)
        {
            file.Field.Wrong("compose/env-file", $"{file.Path}:{problem.Line} {problem.Message}", "Put the value into single quotes, or read the file with format: raw.");
        }

        foreach (var (name, value) in parsed.Values)
        {
            environment[name] = value;
        }
    }

    private static string? FindText(NamedFile file, ServiceContext service)
    {
        var source = service.SourceOf(file.Field);
        return file.Field.Try(() => source.FindText(file.Path)
            ?? (source.IsFolder(file.Path) ? throw Folder(file.Path) : file.IsRequired ? throw Missing(file.Path) : ""));
    }

    private static ProblemException Folder(string path) =>
        new Problem("compose/env-file", $"{Problem.Quoted(path)} is a folder", "Name the file of variables in it.").AsException();

    private static ProblemException Missing(string path) =>
        new Problem("compose/file-missing", $"{Problem.Quoted(path)} is not in the source", "Add the file, or write path: with required: false.").AsException();

    private sealed record NamedFile(Field Field, string Path, bool IsRequired, bool IsRaw);
}
