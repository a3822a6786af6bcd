using System.Diagnostics;
using System.Text.Json;
using Wherry.Cli.Frame;
using Wherry.Compose.Importing;

namespace Wherry.Cli.Tests.Importing;

public sealed class ImportCommandTests
{
    private const string Blog = """
        # slogan: A blog.
        services:
          blog:
            image: blog:1
            environment:
              - SERVICE_URL_BLOG_2368
              - DB_PASSWORD=${SERVICE_PASSWORD_DB}
              - THEME=${THEME:-casper}
              - MAIL=${MAIL:?sender of mail}
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Template_is_written_with_its_secrets_in_a_file_that_only_its_owner_reads()
    {
        using var folder = A.Folder();
        folder.Write("blog.yaml", Blog);

        var ran = await A.RunAsync(A.World(folder.Path), "import", "coolify", "blog.yaml", "--domain", "example.com");

        Assert.True(ran.Code == 0, ran.Err);
        var env = Path.Combine(folder.Path, "blog/.env");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(env));
        var lines = await File.ReadAllLinesAsync(env, Ct);
        Assert.Contains("SERVICE_FQDN_BLOG=blog.example.com", lines);
        Assert.Contains("#THEME=casper", lines);
        Assert.Contains("# to give: MAIL=", lines);
        var secret = Assert.Single(lines, l => l.StartsWith("SERVICE_PASSWORD_DB=", StringComparison.Ordinal)).Split('=')[1];
        Assert.Equal(32, secret.Length);
        Assert.DoesNotContain(secret, ran.Out + ran.Err, StringComparison.Ordinal);
        Assert.Contains("to give in blog/.env: MAIL", ran.Out, StringComparison.Ordinal);
        Assert.EndsWith("next: wherry deploy blog\n", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_stay_the_same_when_it_is_imported_again()
    {
        using var folder = A.Folder();
        folder.Write("blog.yaml", Blog);
        await A.RunAsync(A.World(folder.Path), "import", "coolify", "blog.yaml");
        var before = await File.ReadAllLinesAsync(Path.Combine(folder.Path, "blog/.env"), Ct);
        folder.Write("blog.yaml", Blog + "\n      - KEY=$SERVICE_HEX_32_KEY\n");

        var refused = await A.RunAsync(A.World(folder.Path), "import", "coolify", "blog.yaml");
        var ran = await A.RunAsync(A.World(folder.Path), "import", "coolify", "blog.yaml", "--force", "--set", "MAIL=it's $5");

        Assert.Equal((int)Exit.Rejected, refused.Code);
        Assert.Contains("(import/exists)", refused.Err, StringComparison.Ordinal);
        Assert.True(ran.Code == 0, ran.Err);
        var after = await File.ReadAllLinesAsync(Path.Combine(folder.Path, "blog/.env"), Ct);
        Assert.Equal(before, after[..before.Length]);
        Assert.Equal("it's $5", Cli.Importing.ImportFolder.Values(string.Join('\n', after))["MAIL"]);
        Assert.Contains(after, l => l.StartsWith("SERVICE_HEX_32_KEY=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_refused_is_not_written_unless_it_is_forced()
    {
        using var folder = A.Folder();
        folder.Write("blog.yaml", "services: { blog: { image: blog, colour: red } }");

        var ran = await A.RunAsync(A.World(folder.Path), "import", "coolify", "blog.yaml");

        Assert.Equal((int)Exit.Rejected, ran.Code);
        Assert.Contains("(compose/unknown-key)", ran.Err, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "blog")));
        Assert.Equal((int)Exit.Rejected, (await A.RunAsync(A.World(folder.Path), "import", "coolify", "blog.yaml", "--force")).Code);
        Assert.True(File.Exists(Path.Combine(folder.Path, "blog/compose.yaml")));
    }

    [Fact]
    public async Task Input_that_there_is_not_is_refused_by_its_name()
    {
        using var folder = A.Folder();
        folder.Write("blog.yaml", Blog);

        var ran = await A.RunAsync(A.World(folder.Path), "import", "coolify", "blog.yaml", "--set", "TEHME=x");

        Assert.Contains("\"TEHME\"", ran.Err, StringComparison.Ordinal);
        Assert.Contains("(import/unknown-input)", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_folder_every_template_is_imported_and_the_refused_are_told()
    {
        using var folder = A.Folder();
        folder.Write("in/blog.yaml", Blog);
        folder.Write("in/broken.yaml", "services: [");
        folder.Write("in/logo.svg");

        var ran = await A.RunAsync(A.World(folder.Path), "import", "coolify", "in", "--output", "out");

        Assert.Equal((int)Exit.Rejected, ran.Code);
        Assert.Contains("broken.yaml: ", ran.Err, StringComparison.Ordinal);
        Assert.Equal(["blog"], Directory.GetDirectories(Path.Combine(folder.Path, "out")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Report_as_json_has_the_inputs_and_no_value_of_a_secret()
    {
        using var folder = A.Folder();
        folder.Write("blog.yaml", Blog);

        var ran = await A.RunAsync(A.World(folder.Path), "import", "coolify", "blog.yaml", "--json");

        var inputs = JsonDocument.Parse(ran.Out).RootElement.GetProperty("inputs").EnumerateArray().ToDictionary(i => i.GetProperty("name").GetString()!, i => i.GetProperty("state").GetString());
        Assert.Equal("made", inputs["SERVICE_PASSWORD_DB"]);
        Assert.Equal("to give", inputs["SERVICE_FQDN_BLOG"]);
        Assert.Equal("default", inputs["THEME"]);
    }

    [Fact]
    public async Task Compose_project_tells_what_it_needs()
    {
        using var folder = A.Folder();
        folder.Write("shop/compose.yaml", "name: shop\nservices:\n  web:\n    image: web:${TAG:-1}\n    environment: { PASSWORD: '${PASSWORD:?for the database}', MODE: $MODE }\n");
        folder.Write("shop/.env", "MODE=fast\n");

        var ran = await A.RunAsync(A.World(folder.Path), "import", "compose", "shop");

        Assert.True(ran.Code == 0, ran.Err);
        Assert.Contains("to give in shop/.env: PASSWORD\n", ran.Out, StringComparison.Ordinal);
        Assert.Matches(@"MODE +kept +MODE of web", ran.Out);
        Assert.Contains("(import/no-file)", (await A.RunAsync(A.World(folder.Path), "import", "compose", ".")).Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DC_32_Run_line_is_imported_as_it_was_typed()
    {
        using var folder = A.Folder();
        folder.Write("web.env", "A=1\n");

        var ran = await A.RunAsync(A.World(folder.Path), "import", "run", "--output", "db", "--", "docker", "run", "-d", "--env-file", "web.env", "-e", "PGPASSWORD=hunter2", "postgres:16", "-c", "fsync=off");

        Assert.True(ran.Code == 0, ran.Err);
        Assert.Contains("hunter2", await File.ReadAllTextAsync(Path.Combine(folder.Path, "db/.env"), Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", ran.Out + await File.ReadAllTextAsync(Path.Combine(folder.Path, "db/compose.yaml"), Ct), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder.Path, "db/web.env")));
        Assert.Equal(0, (await A.RunAsync(A.World(folder.Path, input: "docker run nginx\n"), "import", "run", "-")).Code);
    }

    [Fact]
    public async Task Templates_of_caprover_and_dokploy_are_imported()
    {
        using var folder = A.Folder();
        folder.Write("desk.yml", "captainVersion: 4\nservices: { $$cap_appname: { image: desk } }\n");
        folder.Write("shop/docker-compose.yml", "services: { web: { image: web } }\n");
        folder.Write("shop/template.toml", "[[config.domains]]\nserviceName = 'web'\nport = 80\nhost = '${domain}'\n");

        var desk = await A.RunAsync(A.World(folder.Path), "import", "caprover", "desk.yml", "--domain", "example.com");
        var shop = await A.RunAsync(A.World(folder.Path), "import", "dokploy", "shop", "--output", "out", "--domain", "example.com");

        Assert.True(desk.Code == 0, desk.Err);
        Assert.True(shop.Code == 0, shop.Err);
        Assert.Contains("DESK_HOST=desk.example.com\n", await File.ReadAllTextAsync(Path.Combine(folder.Path, "desk/.env"), Ct), StringComparison.Ordinal);
        Assert.Contains("WEB_HOST=web.example.com\n", await File.ReadAllTextAsync(Path.Combine(folder.Path, "out/.env"), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_is_made_before_the_token_that_it_signs()
    {
        ImportInput[] inputs = [new("TOKEN", InputKind.Generated, "") { Shape = new ValueShape.SignedToken("KEY", "{}") }, new("KEY", InputKind.Generated, "") { Shape = new ValueShape.Word(8) }];

        Assert.Equal(["KEY", "TOKEN"], Of(new Dictionary<string, string?>()).New.Keys.Order());
        Assert.Equal(["TOKEN"], Of(new Dictionary<string, string?> { ["KEY"] = null }).Missing.Select(i => i.Name));

        Cli.Importing.ImportValues Of(Dictionary<string, string?> there) => Cli.Importing.ImportValues.Of(inputs, new Dictionary<string, string>(), there, null, A.Noon);
    }

    [Fact]
    public async Task Project_gets_its_values_as_variables_and_secrets_and_keeps_them()
    {
        using var folder = A.Folder();
        using var home = A.Folder();
        folder.Write("blog.yaml", Blog);
        using var server = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "wherry.dll"), "server", "--home", home.Path, "--listen", "none"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            while ((await A.RunAsync("projects", "list", "--home", home.Path)).Code != 0)
            {
                await Task.Delay(100, limit.Token);
            }

            string[] import = ["import", "coolify", "blog.yaml", "--project", "news", "--domain", "example.com", "--home", home.Path];
            var ran = await A.RunAsync(A.World(folder.Path), import);
            Assert.True(ran.Code == 0, ran.Err);
            Assert.Contains("next: wherry deploy blog -p news\n", ran.Out, StringComparison.Ordinal);
            Assert.False(File.Exists(Path.Combine(folder.Path, "blog/.env")));
            var variables = (await A.RunAsync("env", "list", "--project", "news", "--home", home.Path)).Out;
            Assert.Matches("SERVICE_FQDN_BLOG +blog.example.com", variables);
            Assert.Matches("SERVICE_PASSWORD_DB +••••••", variables);

            var again = await A.RunAsync(A.World(folder.Path), import);
            Assert.True(again.Code == 0, again.Err);
            Assert.Matches("SERVICE_PASSWORD_DB +kept", again.Out);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
        }
    }
}
