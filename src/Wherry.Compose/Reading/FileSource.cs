using System.Text;
using Wherry.Compose.Interpolation;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary>Where a top-level secret or config gets its content from. Read when a service first asks for it.</summary>
internal sealed class FileSource
{
    private readonly string _kind;
    private readonly Field _value;
    private byte[]? _content;

    private FileSource(string kind, Field value) => (_kind, _value) = (kind, value);

    public static FileSource? Read(Field field, bool isSecret)
    {
        if (field.Map() is not { } f)
        {
            return null;
        }

        if (f["external"] is { } external && (external.IsMap || external.Bool() == true))
        {
            external.Wrong("compose/unsupported-key", "external is not supported: no other place keeps secrets and configs", "Use file or environment; set the value with wherry secret set.");
            return null;
        }

        var sources = new List<(string Kind, Field Value)>();
        foreach (var kind in isSecret ? ["file", "environment"] : new[] { "file", "environment", "content" })
        {
            if (f[kind] is { } value)
            {
                sources.Add((kind, value));
            }
        }

        f.Ignore("the engine does not keep it", "name", "labels");
        f.Refuse(new Dictionary<string, string> { ["driver"] = "no other place keeps secrets", ["driver_opts"] = "no other place keeps secrets", ["template_driver"] = "content is taken as it is" });
        f.Close();
        if (sources is [var (only, source)])
        {
            return new(only, source);
        }

        var kinds = isSecret ? "file or environment" : "file, environment or content";
        f.Wrong("compose/value", sources.Count == 0 ? $"needs {kinds}" : "has more than one source", $"Name exactly one of {kinds}.");
        return null;
    }

    /// <summary>The content; <see langword="null"/> after a report on <paramref name="asker"/>.</summary>
    /// <param name="service">The service that asks.</param>
    public byte[]? Content(Field asker, string service, SourceReader source, Variables variables)
    {
        _content ??= _kind switch
        {
            "file" => ReadFile(asker, source.In(_value.Node.At.Origin)),
            "environment" => ReadVariable(asker, service, _value.Node.At.Origin?.Variables ?? variables),
            _ => Encoding.UTF8.GetBytes(_value.Text() ?? ""),
        };
        return _content;
    }

    private byte[]? ReadFile(Field asker, SourceReader source)
    {
        if (_value.Filled() is not { } path)
        {
            return null;
        }

        return asker.Try(() => source.FindBytes(path)
            ?? throw new Problem("compose/file-missing", $"{Problem.Quoted(path)} is not in the source", "Add the file to the source, or use environment instead of file.").AsException());
    }

    private byte[]? ReadVariable(Field asker, string service, Variables variables)
    {
        if (_value.Filled() is not { } name)
        {
            return null;
        }

        if (variables.Find(name, service, _value.Node.At, name) is { } value)
        {
            return Encoding.UTF8.GetBytes(value);
        }

        asker.Wrong("compose/variable-missing", $"the variable {name} is not set", $"Set it: wherry secret set {name}.");
        return null;
    }
}
