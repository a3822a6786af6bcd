using Wherry.Compose.Interpolation;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary><c>labels</c> over those of <c>label_file</c>; among files the later one wins.</summary>
internal static class LabelReader
{
    public static SortedDictionary<string, string> Read(Fields f, ServiceContext service)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in f["label_file"]?.ItemOrItems() ?? [])
        {
            AddFile(labels, file, service);
        }

        foreach (var (name, value) in f["labels"]?.Pairs() ?? [])
        {
            labels[name] = value;
        }

        return labels;
    }

    private static void AddFile(SortedDictionary<string, string> labels, Field field, ServiceContext service)
    {
        if (field.Filled() is not { } path || !service.IsActive)
        {
            return;
        }

        var text = field.Try(() => service.SourceOf(field).FindText(path) ?? throw new Problem("compose/file-missing", $"{Problem.Quoted(path)} is not in the source", "Add the file of labels to the source.").AsException());
        if (text is null)
        {
            return;
        }

        var parsed = EnvFile.Parse(text, name => service.VariablesOf(field).Find(name, service.Name), _ => { });
        foreach (var problem in parsed.Problems)
        {
            field.Wrong("compose/env-file", $"{path}:{problem.Line} {problem.Message}", "Write one label per line, as name=value.");
        }

        foreach (var (name, value) in parsed.Values)
        {
            labels[name] = value;
        }
    }
}
