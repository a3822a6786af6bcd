using System.Text;
using Wherry.Compose.Exporting;

namespace Wherry.Compose.Tests.Exporting;

public sealed class ComposeExportTests
{
    private const string File = """
        services:
          web:
            build: { context: ./web }
            environment: { URL: "postgres://shop:${DB_PASSWORD}@db/$$x", LEVEL: "${LEVEL:-info}" }
            expose: [3000]
            secrets: [db_password, { source: cert, target: /etc/cert }]
            x-wherry: { routes: [shop.example.com], release: bin/migrate }
          db: { image: "postgres:16" }
        secrets:
          db_password: { environment: DB_PASSWORD }
          cert: { file: cert.pem }
        """;

    private static readonly ExportWish Wish = new() { Name = "shop", Origin = "compose.yaml" };

    [Fact]
    public void Variables_that_sound_like_secrets_stay_variables_and_are_listed()
    {
        var exported = Export(withSecrets: false);
        var text = Text(exported, "compose.yaml");

        Assert.DoesNotContain("hunter2", string.Concat(exported.Files.Select(f => Encoding.UTF8.GetString(f.Content))), StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", text, StringComparison.Ordinal);
        Assert.Contains("URL: postgres://shop:${DB_PASSWORD}@db/$$x\n", text, StringComparison.Ordinal);
        Assert.Contains("LEVEL: info\n", text, StringComparison.Ordinal);
        Assert.Contains("environment: DB_PASSWORD\n", text, StringComparison.Ordinal);
        Assert.Contains("environment: CERT\n", text, StringComparison.Ordinal);
        Assert.Equal(["CERT", "DB_PASSWORD"], exported.Variables.Select(v => v.Name).Order());
        Assert.Equal("# the secret /run/secrets/db_password of web, a value of web\nDB_PASSWORD=\n# the secret /etc/cert of web\nCERT=\n", Text(exported, ".env.example"));
    }

    [Fact]
    public void Values_of_secrets_are_written_when_they_are_asked_for_into_files_for_their_owner()
    {
        var exported = Export(withSecrets: true);

        Assert.Contains("DB_PASSWORD='hunter2'", Text(exported, ".env"), StringComparison.Ordinal);
        Assert.Contains("CERT=\"it's a PRIVATE KEY\\n\"", Text(exported, ".env"), StringComparison.Ordinal);
        Assert.Equal([".env"], exported.Files.Where(f => f.IsSecret).Select(f => f.Path));
        var again = ComposeReader.Read(A.Input(Text(exported, "compose.yaml"), files: [(".env", Text(exported, ".env"))])).Model;
        Assert.Equal("postgres://shop:hunter2@db/$x", A.Service(again, "web").Environment["URL"]);
        Assert.Equal(["hunter2", "it's a PRIVATE KEY\n"], A.Service(again, "web").Files.Select(f => Encoding.UTF8.GetString(f.Content)));
    }

    [Fact]
    public void What_docker_compose_does_not_do_stands_at_the_top()
    {
        var exported = Export(withSecrets: false);

        Assert.Equal(
            ["web: is built from web; put this file into the source, or write image: with a name that can be pulled", "web: nobody heeds routes, release of x-wherry"],
            exported.Losses);
        Assert.StartsWith(
            """
            # Written by `wherry export compose` from compose.yaml.
            #
            # What got lost or is said in another way:
            # - web: is built from web; put this file into the source, or write image: with a name that can be pulled
            # - web: nobody heeds routes, release of x-wherry
            #
            # To be set:
            # - DB_PASSWORD: the secret /run/secrets/db_password of web, a value of web
            # - CERT: the secret /etc/cert of web
            name: shop

            """,
            Text(exported, "compose.yaml"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_exported_is_exported_again_without_a_change()
    {
        var once = Text(Export(withSecrets: false), "compose.yaml");

        Assert.Equal(once, Text(ComposeExport.Of(LocalModel.Read(A.Input(once)).Model, Wish), "compose.yaml"));
    }

    [Fact]
    public void Two_secrets_of_one_file_name_have_two_variables()
    {
        var model = LocalModel.Read(A.Input(
            "services: { a: { image: x, secrets: [{ source: one, target: /a/key }] }, b: { image: x, secrets: [{ source: two, target: /b/key }] } }\nsecrets: { one: { file: a }, two: { file: b } }",
            files: [("a", "1"), ("b", "2")])).Model;

        Assert.Equal(["KEY", "KEY_2"], ComposeExport.Of(model, Wish).Variables.Select(v => v.Name));
    }

    private static Exported Export(bool withSecrets)
    {
        var (model, secrets) = LocalModel.Read(A.Input(File, A.Vars(("DB_PASSWORD", "hunter2")), ("cert.pem", "it's a PRIVATE KEY\n")));
        return ComposeExport.Of(model, Wish with { Secrets = withSecrets ? secrets : null });
    }

    private static string Text(Exported exported, string path) => Encoding.UTF8.GetString(exported.Files.Single(f => f.Path == path).Content);
}
