using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>build</c>, short (a folder) and long.</summary>
internal static class BuildReader
{
    public static BuildSpec? Read(Field? field, ServiceContext service)
    {
        if (field is null)
        {
            return null;
        }

        if (!field.IsMap)
        {
            return ReadContext(field, service) is { } folder ? new() { Context = folder } : null;
        }

        var f = field.Map()!;
        var build = new BuildSpec
        {
            Context = f["context"] is { } context ? ReadContext(context, service) ?? SourcePath.Root : service.SourceOf(field).Resolve("."),
            Dockerfile = f["dockerfile"] is { } dockerfile ? ReadDockerfile(dockerfile) : "Dockerfile",
            Target = f["target"]?.Filled(),
            Args = ReadArgs(f["args"], service),
            Labels = f["labels"]?.Pairs() ?? [],
            CacheFrom = [.. (f["cache_from"]?.Items() ?? []).Select(ReadCache).OfType<ImageReference>()],
        };
        f.Refuse(UnsupportedKeys.Build);
        f.Close();
        return build;
    }

    private static SourcePath? ReadContext(Field field, ServiceContext service)
    {
        if (field.Filled() is not { } text)
        {
            return null;
        }

        if (text.Contains("://", StringComparison.Ordinal) || text.StartsWith("git@", StringComparison.Ordinal))
        {
            field.Wrong("compose/unsupported-key", "a remote build context is not supported", "Name the repository with x-wherry.source.");
            return null;
        }

        return field.Try(() => service.SourceOf(field).Resolve(text));
    }

    private static string ReadDockerfile(Field field) => field.Value<SourcePath>()?.Value ?? "Dockerfile";

    /// <summary>An argument without value takes the variable of its name; when that is not set, the Dockerfile's default stays.</summary>
    private static SortedDictionary<string, string> ReadArgs(Field? field, ServiceContext service)
    {
        var args = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in field?.OptionalPairs() ?? [])
        {
            if ((value ?? service.VariablesOf(field!).Find(name, service.Name, field!.Node.At, name)) is { } known)
            {
                args[name] = known;
            }
        }

        return args;
    }

    /// <summary>A cache is an image; <c>type=registry,ref=…</c> says the same in the builder's own words.</summary>
    private static ImageReference? ReadCache(Field field)
    {
        var text = field.Text();
        const string registry = "type=registry,ref=";
        var name = text?.StartsWith(registry, StringComparison.Ordinal) == true ? text[registry.Length..] : text;
        return name is null ? null : field.Try(() => ImageReference.Parse(name));
    }
}
