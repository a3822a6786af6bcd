using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wherry.Compose.Writing;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Writing;

public sealed class ComposeWriterTests
{
    private static readonly (string, string)[] SampleFiles = [("errors/503.html", "<p>{{message}} $5</p>"), ("blob.bin", "a")];

    [Theory]
    [MemberData(nameof(CorpusTests.AwesomeCompose), MemberType = typeof(CorpusTests))]
    [MemberData(nameof(CorpusTests.Coolify), MemberType = typeof(CorpusTests))]
    public void What_is_written_reads_as_the_same_model(string file)
    {
        ProjectModel model;
        try
        {
            model = ComposeReader.Read(CorpusTests.Input(file)).Model;
        }
        catch (ProblemException)
        {
            return; // what is refused has no model
        }

        AssertReadsBack(model);
    }

    [Fact]
    public void The_annotated_example_reads_back() => AssertReadsBack(Example());

    [Fact]
    public void A_model_with_everything_in_it_reads_back() => AssertReadsBack(Sample());

    /// <summary>Whoever adds a property to the model has to put it into <c>everything.yaml</c>, and then the writer has to know it.</summary>
    [Fact]
    public void Every_property_of_the_model_stands_in_the_sample()
    {
        var seen = new HashSet<string>();
        var all = new HashSet<string>();
        Walk(Sample(), seen, all);

        Assert.True(all.Count > 100);
        Assert.Empty(all.Except(seen).Order());
    }

    [Fact]
    public void Values_of_secrets_are_not_in_the_file()
    {
        var model = A.Read(
            "services: { web: { image: nginx, secrets: [{ source: s, target: key, mode: 0400 }] }, api: { image: nginx, secrets: [s] } }\nsecrets: { s: { environment: KEY } }",
            A.Vars(("KEY", "hunter2"))).Model;

        var document = ComposeWriter.Describe(model);
        var text = YamlText.Write(document.Tree);

        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.Contains("environment: KEY", text, StringComparison.Ordinal);
        Assert.Equal([("S", "hunter2"), ("KEY", "hunter2")], document.Variables.Select(v => (v.Name, v.Value)));
        Assert.DoesNotContain("hunter2", document.Variables[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Dollars_are_doubled_and_numbers_are_quoted()
    {
        var text = ComposeWriter.Write(A.Model("services: { web: { image: nginx, ports: ['8080:80'], environment: { A: 'a$$b', B: '010', C: null, D: no } } }"));

        Assert.Equal(
            """
            services:
              web:
                image: nginx
                environment:
                  A: a$$b
                  B: "010"
                  D: "no"
                ports:
                  - "8080:80"
                restart: unless-stopped

            """,
            text);
    }

    [Fact]
    public void What_is_no_text_is_a_file_beside_the_Compose_file()
    {
        var sample = Sample();
        var web = A.Service(sample, "web");
        var services = new Dictionary<ServiceName, ServiceSpec>(sample.Services)
        {
            [web.Name] = web with { Files = [.. web.Files.Select(f => f.Target is "/run/secrets/key" or "/blob" ? f with { Content = [0xff, 0xfe, (byte)f.Target.Length] } : f)] },
        };
        var model = sample with { Services = services };
        var document = ComposeWriter.Describe(model);

        Assert.Equal("secrets/key_2", Assert.Single(document.SecretFiles).Key);
        Assert.Contains("configs/blob", document.Files.Keys);
        AssertReadsBack(model);
    }

    [Fact]
    public void A_second_writing_is_the_same_text()
    {
        var once = ComposeWriter.Describe(Sample());

        Assert.Equal(YamlText.Write(once.Tree), YamlText.Write(ComposeWriter.Describe(ReadBack(once)).Tree));
    }

    private static void AssertReadsBack(ProjectModel model)
    {
        var (expected, actual) = (Json(model), Json(ReadBack(ComposeWriter.Describe(model))));

        Assert.True(JsonNode.DeepEquals(expected, actual), $"written {expected.ToJsonString()}\nread    {actual.ToJsonString()}");
    }

    private static ProjectModel ReadBack(ComposeDocument document) => ComposeReader.Read(new()
    {
        Text = YamlText.Write(document.Tree),
        Files = new Written(document),
        Variables = document.Variables.ToDictionary(v => v.Name, v => v.Value),
        Profiles = ["*"],
    }).Model;

    /// <summary>Files that are put in have no order.</summary>
    private static JsonNode Json(ProjectModel model) => JsonSerializer.SerializeToNode(
        model with { Services = model.Services.ToDictionary(s => s.Key, s => s.Value with { Files = [.. s.Value.Files.OrderBy(f => f.Target, StringComparer.Ordinal)] }) }, ModelJson.Default.ProjectModel)!;

    private static ProjectModel Example() => A.Read(File.ReadAllText(Path.Combine(Here(), "..", "..", "..", "docs", "wherry.example.yml")), A.Vars(("DB_PASSWORD", "p$w")), SampleFiles).Model;

    private static ProjectModel Sample() => ComposeReader.Read(A.Input(File.ReadAllText(Path.Combine(Here(), "everything.yaml")), A.Vars(("KEY", "line one\nline $two\n")), SampleFiles) with { Profiles = ["*"] }).Model;

    /// <summary>Gathers the properties below a value, and those of them that say something else than their type's zero or the record's default.</summary>
    private static void Walk(object value, HashSet<string> seen, HashSet<string> all)
    {
        switch (value)
        {
            case IDictionary map:
                foreach (var inner in map.Values)
                {
                    Walk(inner!, seen, all);
                }

                return;
            case string or byte[]:
                return;
            case IEnumerable list:
                foreach (var inner in list)
                {
                    Walk(inner, seen, all);
                }

                return;
        }

        var type = value.GetType();
        if (type.Namespace?.StartsWith("Wherry.Core", StringComparison.Ordinal) != true || type.IsEnum || type.GetInterface("IValue`1") is not null || value is ByteSize)
        {
            return;
        }

        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0 && p.CanWrite))
        {
            var name = $"{type.Name}.{property.Name}";
            all.Add(name);
            if (property.GetValue(value) is not { } inner)
            {
                continue;
            }

            if (Says(type, property, inner))
            {
                seen.Add(name);
            }

            Walk(inner, seen, all);
        }
    }

    private static bool Says(Type type, PropertyInfo property, object value)
    {
        var standard = type.GetConstructor(Type.EmptyTypes) is { } make ? property.GetValue(make.Invoke([])) : property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null;
        return value switch
        {
            string text => text.Length > 0 && !text.Equals(standard),
            IEnumerable list => list.Cast<object>().Any(),
            _ => !value.Equals(standard),
        };
    }

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    private sealed class Written(ComposeDocument document) : ISourceFiles
    {
        public string? ReadText(string relativePath) => null;

        public byte[]? ReadBytes(string relativePath) => document.Files.GetValueOrDefault(relativePath) ?? document.SecretFiles.GetValueOrDefault(relativePath);
    }
}
