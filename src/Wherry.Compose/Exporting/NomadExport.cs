using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wherry.Compose.Writing;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting;

/// <summary>A project as one Nomad job in JSON, with a task group for each service, run by Nomad's Docker driver.</summary>
public static class NomadExport
{
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Exported Of(ProjectModel model, ExportWish wish)
    {
        var (losses, secrets) = (new Losses(), new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal));
        var name = DnsLabel.Of(wish.Name);
        var groups = new JsonArray();
        foreach (var spec in model.Services.Values.OrderBy(s => s.Name.Value, StringComparer.Ordinal))
        {
            groups.Add(new NomadGroup(spec, model, wish, losses, secrets).Write());
        }

        losses.Add($"services do not find each other by name: they are registered with Nomad as {name}-SERVICE; use its service discovery in a template, or Consul's DNS");
        List<WantedVariable> variables = [.. secrets.Select(s => new WantedVariable(s.Key, string.Join(", ", s.Value), ""))];
        var job = new JsonObject
        {
            ["ID"] = name,
            ["Name"] = name,
            ["Type"] = "service",
            ["Datacenters"] = new JsonArray("*"),
            ["TaskGroups"] = groups,
            // JSON has no comments; a job's meta is where Nomad keeps and shows such things.
            ["Meta"] = new JsonObject(ExportHead.Lines("nomad", wish, losses.All, variables).Where(l => l.Length > 0).Select((line, i) => KeyValuePair.Create($"note_{TextForm.Of(i + 1).PadLeft(3, '0')}", (JsonNode?)line))),
        };
        var text = new JsonObject { ["Job"] = job }.ToJsonString(Written) + "\n";
        List<ExportedFile> files = [new("job.json", Encoding.UTF8.GetBytes(text))];
        if (variables.Count > 0)
        {
            files.Add(Variables(name, variables, wish));
        }

        return new(files, losses.All, variables);
    }

    /// <summary>For <c>nomad var put @variables.json</c>.</summary>
    private static ExportedFile Variables(string name, IReadOnlyList<WantedVariable> variables, ExportWish wish)
    {
        var items = new JsonObject(variables.Select(v => KeyValuePair.Create(v.Name, (JsonNode?)(wish.Secrets?.GetValueOrDefault(v.Name) is { } value ? Encoding.UTF8.GetString(value) : "REPLACE-ME"))));
        return new("variables.json", Encoding.UTF8.GetBytes(new JsonObject { ["Path"] = $"nomad/jobs/{name}", ["Items"] = items }.ToJsonString(Written) + "\n"), IsSecret: true);
    }
}
