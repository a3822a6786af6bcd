using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Compose;
using Wherry.Compose.Exporting;
using Wherry.Compose.Writing;
using Wherry.Core.Model;

namespace Wherry.Cli.Config;

/// <summary><c>wherry config</c>: what the Compose files of a folder come to. Asks no server.</summary>
internal static class ConfigCommand
{
    public static Command Build(Verbs verbs)
    {
        var files = new ConfigFiles();
        var format = new Option<string>("--format") { Description = "yaml or json", HelpName = "FORMAT", DefaultValueFactory = _ => "yaml" };
        format.AcceptOnlyFromAmong("yaml", "json");
        var withSecrets = new Option<bool>("--with-secrets") { Description = "Print the values of secrets too" };
        var explain = new Option<string?>("--explain") { Description = "Tell where the value of a variable comes from", HelpName = "NAME" };
        var lists = Lists.Select(l => (Option: new Option<bool>(l.Name) { Description = l.Description }, l.Find)).ToList();
        var verb = new Verb("config", "Prints what the Compose files of a folder come to; asks no server", "wherry config", "wherry config -f compose.yaml -f compose.prod.yaml --format json", "wherry config --hash", "wherry config --explain DB_HOST", "wherry config --quiet    # only tells what is wrong")
        {
            format, withSecrets, explain,
        };
        files.AddTo(verb);
        foreach (var (option, _) in lists)
        {
            verb.Add(option);
        }

        verb.Validators.Add(result =>
        {
            if (lists.Count(l => result.GetValue(l.Option)) + (result.GetValue(explain) is null ? 0 : 1) > 1)
            {
                result.AddError($"{string.Join(", ", Lists.Select(l => l.Name))} and --explain exclude each other: give one of them.");
            }
        });
        return verbs.On(verb, async (call, ct) =>
        {
            var input = await files.ReadAsync(call, ct);
            var read = ComposeReader.Read(input);
            foreach (var warning in read.Warnings)
            {
                call.Note($"warning: {warning.Message}");
            }

            var json = call.Json || call.Get(format) == "json";
            if (call.Get(explain) is { } name)
            {
                VariableView.Explain(call, read, name, json);
            }
            else if (lists.FirstOrDefault(l => call.Get(l.Option)).Find is { } find)
            {
                Write(call, find(input, read), json);
            }
            else if (!call.Quiet)
            {
                var tree = ComposeWriter.Describe(call.Get(withSecrets) ? read.Model : ShownModel.Of(input)).Tree;
                await call.World.Out.WriteAsync((json ? JsonText.Write(tree) + "\n" : YamlText.Write(tree)).AsMemory(), ct);
            }

            return Exit.Ok;
        });
    }

    private static IReadOnlyList<(string Name, string Description, Func<ComposeInput, ComposeResult, YamlValue> Find)> Lists { get; } =
    [
        ("--services", "Print the services' names", (_, read) => new YamlSequence(read.Model.Services.Keys.Select(n => n.Value).Order(StringComparer.Ordinal))),
        ("--volumes", "Print the volumes' names", (_, read) => new YamlSequence(read.Model.Volumes.Keys.Order(StringComparer.Ordinal))),
        ("--images", "Print the images that are not built here", (_, read) => new YamlSequence(read.Model.Services.Values.Where(s => s.Build is null).Select(s => s.Image?.Value).OfType<string>().Distinct().Order(StringComparer.Ordinal))),
        ("--profiles", "Print the profiles that services name", (input, _) => new YamlSequence(ComposeReader.Read(input with { Profiles = ["*"] }).Model.Services.Values.SelectMany(s => s.Profiles).Distinct().Order(StringComparer.Ordinal))),
        ("--variables", "Print the variables that the files ask for, and where their values come from", (_, read) => VariableView.All(read)),
        ("--hash", "Print a hash of each service: it changes when a new container is needed", (_, read) => new YamlMapping(read.Model.Services.Values.OrderBy(s => s.Name.Value, StringComparer.Ordinal).Select(s => KeyValuePair.Create(s.Name.Value, SpecHash.Of(s))))),
    ];

    private static void Write(Call call, YamlValue found, bool json)
    {
        if (json)
        {
            call.Result(JsonText.Write(found));
            return;
        }

        foreach (var line in Lines(found))
        {
            call.Result(line);
        }
    }

    private static IEnumerable<string> Lines(YamlValue found) => found switch
    {
        YamlSequence list => list.Select(i => $"{i}"),
        YamlMapping pairs => pairs.Select(p => $"{p.Key} {p.Value}"),
        _ => [],
    };
}
