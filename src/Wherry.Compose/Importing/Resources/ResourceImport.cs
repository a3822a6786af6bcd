using Wherry.Compose.Reading;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.Resources;

/// <summary>Resource documents (<c>resource: database | application</c>): together one Compose project.</summary>
public static class ResourceImport
{
    /// <param name="fileName">Shown in problems; the project is named after it.</param>
    /// <exception cref="ProblemException">All that is wrong, with line and column: <c>import/resource-type</c>, <c>import/reference</c>, and what is wrong with the YAML.</exception>
    public static ImportedProject Read(string text, string fileName)
    {
        var errors = new SpecErrors(fileName);
        var documents = ResourceDocuments.Parse(text, fileName, errors);
        var references = new ResourceReferences();
        var lost = new List<LostPoint>();
        var services = new OrderedDictionary<string, YamlMap>(StringComparer.Ordinal);
        var volumes = new HashSet<string>(StringComparer.Ordinal);
        var applications = new List<Fields>();
        foreach (var document in documents)
        {
            var f = new Fields("", document, errors);
            switch (f["resource"]?.Text())
            {
                case "database" when DatabaseResource.Read(f, references, lost) is { } database:
                    references.Add(database);
                    Add(services, database.Name, database.Write(), f);
                    volumes.UnionWith(database.Volume is { } volume ? [volume] : []);
                    break;
                case "application":
                    applications.Add(f); // they refer to databases, which may stand behind them
                    break;
                case "database":
                    break;
                case var other:
                    f.Wrong("import/resource-type", other is null ? "needs resource" : $"there is no resource {Problem.Quoted(other)}", "Write resource: database or resource: application.");
                    break;
            }
        }

        foreach (var f in applications)
        {
            var application = new ApplicationResource(f, references, lost);
            Add(services, application.Name, application.Read(), f);
            volumes.UnionWith(application.Volumes);
        }

        errors.ThrowIfAny();
        return services.Count > 0
            ? Write(services, volumes, references, lost, fileName)
            : throw new Problem("compose/no-service", $"{fileName} describes no resource.", "Write resource: database or resource: application.").AsException();
    }

    private static void Add(OrderedDictionary<string, YamlMap> services, string name, YamlMap service, Fields f)
    {
        if (!services.TryAdd(name, service))
        {
            f.Wrong("compose/duplicate-key", $"another resource is called {Problem.Quoted(name)}", "Give each a name: of its own.");
        }
    }

    private static ImportedProject Write(OrderedDictionary<string, YamlMap> services, HashSet<string> volumes, ResourceReferences references, List<LostPoint> lost, string fileName)
    {
        var whole = TreeEdit.Map(
            ("services", TreeEdit.Map(services.Select(s => (s.Key, (YamlNode?)s.Value)))),
            ("volumes", volumes.Count > 0 ? TreeEdit.Map(volumes.Select(v => (v, (YamlNode?)TreeEdit.Nothing()))) : null));
        return new()
        {
            Name = ImportNames.Project(fileName),
            Files = ImportText.Write(whole, new()),
            Inputs = InputList.Of(whole, references.Known),
            Lost = lost,
        };
    }
}
