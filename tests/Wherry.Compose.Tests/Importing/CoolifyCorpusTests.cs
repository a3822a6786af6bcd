using Wherry.Compose.Importing;
using Wherry.Compose.Importing.Coolify;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Importing;

public sealed class CoolifyCorpusTests(ITestOutputHelper output)
{
    /// <summary>Rises as more keys are honoured; it never falls.</summary>
    private const int ReadAtLeast = 366;

    /// <summary>What is wrong in the template itself: Coolify's YAML library is more lenient, or merges lists.</summary>
    private static readonly Dictionary<string, string> NotYaml = new()
    {
        ["gramps-web.yaml"] = "compose/merge",
        ["langfuse.yaml"] = "compose/invalid",
    };

    [Fact]
    public void Every_template_is_imported_into_a_file_that_is_read_or_is_refused_for_a_named_reason()
    {
        var reasons = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var read = 0;
        foreach (var file in Directory.GetFiles(Path.Combine(CorpusTests.Folder(), "coolify"), "*.y*ml").Order(StringComparer.Ordinal))
        {
            var found = Reasons(file).Distinct().ToList();
            read += found.Count == 0 ? 1 : 0;
            foreach (var reason in found)
            {
                reasons.TryAdd(reason, []);
                reasons[reason].Add(Path.GetFileNameWithoutExtension(file));
            }
        }

        output.WriteLine($"{read} are read");
        foreach (var (reason, files) in reasons.OrderByDescending(r => r.Value.Count))
        {
            output.WriteLine($"{files.Count,4} {reason} ({string.Join(' ', files.Take(6))})");
        }

        Assert.All(reasons.Keys, r => Assert.True(r.StartsWith("compose/unsupported-key ", StringComparison.Ordinal) || NotYaml.ContainsValue(r), r));
        Assert.InRange(read, ReadAtLeast, int.MaxValue);
    }

    [Theory]
    [InlineData("gramps-web.yaml")]
    [InlineData("langfuse.yaml")]
    public void A_template_that_merges_a_list_is_refused_by_the_place(string name)
    {
        var problem = Assert.Throws<ProblemException>(() => Import(Path.Combine(CorpusTests.Folder(), "coolify", name))).Problem;

        Assert.Equal(NotYaml[name], problem.Code);
        Assert.Contains($"{name}:", problem.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Reasons(string file)
    {
        ImportedProject project;
        try
        {
            project = Import(file);
        }
        catch (ProblemException e)
        {
            return [e.Problem.Code];
        }

        var errors = new SpecErrors("compose.yaml");
        try
        {
            ComposeReader.Read(new ComposeInput { Text = project.ComposeText, Files = InMemoryFiles.None, Variables = Given(project) }, errors);
            errors.ThrowIfAny();
            return [];
        }
        catch (ProblemException e)
        {
            var lines = e.Problem.Code == "compose/invalid" ? e.Problem.Message.Split('\n').Skip(1) : [e.Problem.Message];
            return lines.Zip(errors.Codes, (line, code) => code == "compose/unsupported-key" ? $"{code} {Key(line)}" : $"{code} {line}");
        }
    }

    /// <summary>The key that a line is about: <c>compose.yaml:3:5 services.web.links: …</c> is <c>links</c>.</summary>
    private static string Key(string line) => line.Split(' ')[1].TrimEnd(':').Split('.')[^1];

    private static ImportedProject Import(string file) => CoolifyImport.Read(File.ReadAllText(file), Path.GetFileName(file));

    internal static Dictionary<string, string> Given(ImportedProject project)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var input in project.Inputs)
        {
            if (input.Shape is { } shape)
            {
                given[input.Name] = shape.Make(given.GetValueOrDefault, new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
            }
            else if (input.Kind is InputKind.Host)
            {
                given[input.Name] = $"{input.Name.Replace('_', '-').ToLowerInvariant()}.example.com";
            }
            else if (input.Required)
            {
                given[input.Name] = "given";
            }
        }

        return given;
    }
}
