using System.CommandLine;
using System.Text.Json.Serialization;
using Wherry.Cli.Frame;
using Wherry.Cli.Importing;
using Wherry.Cli.Output;
using Wherry.Compose.Importing;
using Wherry.Core.Problems;

namespace Wherry.Cli.Catalog;

/// <summary><c>wherry catalog list|search|show|add</c>: one-click templates of a folder or a Git repository.</summary>
internal static class CatalogCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("catalog", "Finds one-click templates of Coolify, CapRover and Dokploy and makes projects of them", "export WHERRY_CATALOG=https://git.example.com/team/templates.git", "wherry catalog search wiki", "wherry catalog show bookstack", "wherry catalog add bookstack --project wiki --domain example.com"),
        BuildFind(verbs, new Verb("list", "Lists every template", "wherry catalog list --from ./templates"), null),
        [
            BuildFind(verbs, new Verb("search", "Lists templates by a word in their name, slogan, category or tags", "wherry catalog search wiki"), new Argument<string>("word") { Description = "What is looked for" }),
            BuildShow(verbs),
            BuildAdd(verbs),
        ]);

    private static Command BuildFind(Verbs verbs, Verb verb, Argument<string>? word)
    {
        var from = From();
        verb.Add(from);
        if (word is not null)
        {
            verb.Add(word);
        }

        return verbs.On(verb, async (call, ct) =>
        {
            var all = await CatalogSource.ReadAsync(call, call.Get(from), ct);
            IReadOnlyList<CatalogEntry> found = [.. all.Select(CatalogEntry.Of).Where(e => word is null || e.Matches(call.Get(word)!))];
            call.Print(found, CatalogJson.Default.IReadOnlyListCatalogEntry, o => Write(o, found));
            return Exit.Ok;
        });
    }

    private static Command BuildShow(Verbs verbs)
    {
        var (name, from) = (Name(), From());
        return verbs.On(new Verb("show", "Shows what a template is, what it needs and what is lost; writes nothing", "wherry catalog show bookstack") { name, from }, async (call, ct) =>
        {
            var template = Find(await CatalogSource.ReadAsync(call, call.Get(from), ct), call.Get(name)!);
            ImportRun.Show(call, template.Import());
            return Exit.Ok;
        });
    }

    private static Command BuildAdd(Verbs verbs)
    {
        var (name, from, options) = (Name(), From(), new ImportOptions());
        var noTls = new Option<bool>("--no-tls") { Description = "Serve the routes by plain HTTP: addresses begin with http://" };
        var verb = new Verb("add", "Makes a Compose project of a template, as wherry import does", "wherry catalog add bookstack --domain example.com", "wherry catalog add bookstack --project wiki --set SERVICE_FQDN_BOOKSTACK=wiki.example.com") { name, from, noTls };
        options.AddTo(verb);
        return verbs.On(verb, async (call, ct) =>
        {
            var template = Find(await CatalogSource.ReadAsync(call, call.Get(from), ct), call.Get(name)!);
            return await new ImportRun(call, options).WriteAsync(template.Import(!call.Get(noTls)), ct);
        });
    }

    private static Argument<string> Name() => new("name") { Description = "Name of the template" };

    private static Option<string?> From() => new("--from") { Description = "Folder or Git repository with templates (WHERRY_CATALOG)", HelpName = "DIR|URL" };

    private static CatalogTemplate Find(IReadOnlyList<CatalogTemplate> all, string name)
    {
        if (all.FirstOrDefault(t => string.Equals(t.Name, name, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return found;
        }

        var near = all.Where(t => t.Name.Contains(name, StringComparison.OrdinalIgnoreCase)).Select(t => t.Name).Take(8).ToList();
        throw new Problem("catalog/not-found", $"The catalogue has no template {Problem.Quoted(name)}.", near.Count > 0 ? $"It has {string.Join(", ", near)}." : "See `wherry catalog list`.").AsException();
    }

    private static void Write(TextWriter output, IReadOnlyList<CatalogEntry> found)
    {
        if (found.Count == 0)
        {
            output.WriteLine("nothing found");
            return;
        }

        var table = new Table("NAME", "OF", "CATEGORY", "WHAT");
        foreach (var entry in found)
        {
            table.Add(entry.Name, entry.Kind, entry.Category ?? "-", entry.Slogan ?? "");
        }

        table.Write(output);
    }
}

/// <summary>A template in a list.</summary>
internal sealed record CatalogEntry(string Name, string Kind, string? Category, string? Slogan, string? Documentation, IReadOnlyList<string> Tags)
{
    public static CatalogEntry Of(CatalogTemplate template)
    {
        var about = template.About();
        return new(template.Name, template.Kind, about.Category, about.Slogan, about.Documentation, about.Tags);
    }

    /// <summary>The word stands in its name, slogan, category or tags.</summary>
    public bool Matches(string word) => Tags.Concat([Name, Category ?? "", Slogan ?? ""]).Any(t => t.Contains(word, StringComparison.OrdinalIgnoreCase));
}

/// <summary>The list as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<CatalogEntry>))]
internal sealed partial class CatalogJson : JsonSerializerContext;
