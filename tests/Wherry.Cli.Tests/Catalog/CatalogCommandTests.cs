using System.Diagnostics;
using System.Text.Json;
using Wherry.Cli.Frame;

namespace Wherry.Cli.Tests.Catalog;

public sealed class CatalogCommandTests
{
    [Fact]
    public async Task Templates_of_three_tools_are_found_by_a_word()
    {
        using var folder = Templates();

        var all = await Run(folder, "catalog");
        var wiki = await Run(folder, "catalog", "search", "WIKI");
        var none = await Run(folder, "catalog", "search", "nowhere");

        Assert.True(all.Code == 0, all.Err);
        Assert.Equal(["NAME", "book", "desk", "shop"], all.Out.Split('\n').Where(l => l.Length > 0).Select(l => l.Split(' ')[0]));
        Assert.Matches("^NAME .*\nbook +coolify +docs +A place to write.\n$", wiki.Out);
        Assert.Equal("nothing found\n", none.Out);
    }

    [Fact]
    public async Task Template_is_shown_and_nothing_is_written()
    {
        using var folder = Templates();

        var ran = await Run(folder, "catalog", "show", "Book");

        Assert.StartsWith("book: A place to write.\n1 service: book\n", ran.Out, StringComparison.Ordinal);
        Assert.Matches("SERVICE_FQDN_BOOK +to give +host of book", ran.Out);
        Assert.DoesNotContain("next:", ran.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "book")));
    }

    [Fact]
    public async Task Template_is_added_as_import_does_it()
    {
        using var folder = Templates();

        foreach (var name in (string[])["book", "desk", "shop"])
        {
            var ran = await Run(folder, "catalog", "add", name, "--domain", "example.com");

            Assert.True(ran.Code == 0, ran.Err);
            Assert.True(File.Exists(Path.Combine(folder.Path, name, "compose.yaml")));
        }
    }

    [Fact]
    public async Task A_git_repository_is_a_source_and_is_brought_up_to_date()
    {
        using var folder = Templates();
        using var cache = A.Folder();
        var repository = Path.Combine(folder.Path, "templates");
        await GitAsync(repository, "init", "--quiet");
        await CommitAsync(repository);
        var world = A.World(folder.Path, variables: new Dictionary<string, string> { ["XDG_CACHE_HOME"] = cache.Path, ["WHERRY_CATALOG"] = $"file://{repository}" });

        var before = await A.RunAsync(world, "catalog", "list", "--json");
        folder.Write("templates/coolify/new.yaml", "# slogan: New.\nservices: { new: { image: new } }\n");
        await CommitAsync(repository);
        var after = await A.RunAsync(A.World(folder.Path, variables: new Dictionary<string, string> { ["XDG_CACHE_HOME"] = cache.Path, ["WHERRY_CATALOG"] = $"file://{repository}" }), "catalog", "list", "--json");

        Assert.Equal(["book", "desk", "shop"], Names(before));
        Assert.Equal(["book", "desk", "new", "shop"], Names(after));
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        using var folder = Templates();
        folder.Write("empty/readme.md");

        Assert.Contains("It has book.", (await Run(folder, "catalog", "show", "boo")).Err, StringComparison.Ordinal);
        Assert.Contains("(catalog/no-source)", (await A.RunAsync("catalog", "list")).Err, StringComparison.Ordinal);
        Assert.Contains("(catalog/no-source)", (await A.RunAsync("catalog", "list", "--from", "/nowhere")).Err, StringComparison.Ordinal);
        var empty = await A.RunAsync(A.World(folder.Path), "catalog", "list", "--from", "empty");
        Assert.Equal((int)Exit.Rejected, empty.Code);
        Assert.Contains("(catalog/empty)", empty.Err, StringComparison.Ordinal);
    }

    private static TempFolder Templates()
    {
        var folder = A.Folder();
        folder.Write("templates/coolify/book.yaml", "# slogan: A place to write.\n# category: docs\n# tags: wiki, notes\n\nservices:\n  book:\n    image: book\n    environment: [SERVICE_URL_BOOK_80]\n");
        folder.Write("templates/desk.yml", "captainVersion: 4\nservices: { $$cap_appname: { image: desk } }\ncaproverOneClickApp: { description: Help }\n");
        folder.Write("templates/shop/docker-compose.yml", "services: { web: { image: web } }\n");
        folder.Write("templates/shop/template.toml", "[[config.domains]]\nserviceName = 'web'\nport = 80\nhost = '${domain}'\n");
        folder.Write("templates/other.yaml", "services: { web: { image: web } }\n");
        return folder;
    }

    private static Task<Ran> Run(TempFolder folder, params string[] args) =>
        A.RunAsync(A.World(folder.Path, variables: new Dictionary<string, string> { ["WHERRY_CATALOG"] = "templates" }), args);

    private static IEnumerable<string?> Names(Ran ran)
    {
        Assert.True(ran.Code == 0, ran.Err);
        return JsonDocument.Parse(ran.Out).RootElement.EnumerateArray().Select(e => e.GetProperty("name").GetString());
    }

    private static async Task CommitAsync(string folder)
    {
        await GitAsync(folder, "add", "-A");
        await GitAsync(folder, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "templates");
    }

    private static async Task GitAsync(string folder, params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = folder })!;
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, git.ExitCode);
    }
}
