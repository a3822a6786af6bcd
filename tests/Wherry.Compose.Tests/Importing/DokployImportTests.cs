using System.Text;
using Wherry.Compose.Importing;
using Wherry.Compose.Importing.Dokploy;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Importing;

public sealed class DokployImportTests
{
    private const string Compose = """
        version: "3.8"
        services:
          web:
            image: web:1
            environment: [DB_URL, "HOST=${APP_HOST}", "ZONE=${TZ:-Europe}", "MINE=${MINE:-1}"]
            ports: ["3000"]
            networks: [dokploy-network]
            volumes:
              - ../files/conf/app.conf:/etc/app.conf
              - ../files/scripts:/scripts
              - ../files/uploads:/uploads:ro
              - data:/data
          db:
            image: postgres:16
            env_file: .env
        volumes: { data: {} }
        networks: { dokploy-network: { external: true } }
        """;

    private const string Toml = """"
        # a comment
        [variables]
        main_domain = "${domain}"
        db_password = "${password:24}"
        signing = 'fixed-secret'
        payload = """
        { "role": "anon", "exp": ${timestamps:2030-01-01T00:00:00Z} }
        """

        [config]
        env = [
          "APP_HOST=https://${main_domain}", # behind it a comment
          "DB_URL=postgres://u:${db_password}@db/x",
          "TZ=UTC",
          "TOKEN=${jwt:signing:payload}",
          "KEY=${base64:48}",
        ]

        [[config.domains]]
        serviceName = "web"
        port = 3000
        host = "${main_domain}"

        [[config.domains]]
        serviceName = "web"
        port = 3_001
        host = "admin.${main_domain}"
        path = "/admin"

        [[config.mounts]]
        filePath = "/conf/app.conf"
        content = """
        server ${main_domain};
        log $remote_addr ${unknown};
        """

        [[config.mounts]]
        filePath = "./scripts/run.sh"
        content = "#!/bin/sh\necho \u00e4"
        """";

    [Fact]
    public void Template_becomes_a_project_with_routes_files_and_variables()
    {
        var project = Import(Toml);
        var model = Model(project);
        var web = A.Service(model, "web");

        Assert.Equal(["main-domain.example.com/:3000", "admin.main-domain.example.com/admin:3001"], web.Routes.Select(r => $"{r.Host}{r.Path}:{r.Port}"));
        Assert.Equal("https://main-domain.example.com", web.Environment["HOST"]);
        Assert.Equal(("UTC", "1"), (web.Environment["ZONE"], web.Environment["MINE"]));
        Assert.Matches("^postgres://u:[A-Za-z0-9]{24}@db/x$", web.Environment["DB_URL"]);
        Assert.Equal(["data", "uploads"], model.Volumes.Keys);
        Assert.Empty(web.Ports);
        var files = web.Files.ToDictionary(f => f.Target);
        Assert.Equal("server main-domain.example.com;\nlog $remote_addr ${unknown};\n", Encoding.UTF8.GetString(files["/etc/app.conf"].Content));
        Assert.Equal(("#!/bin/sh\necho ä", 0x1ED), (Encoding.UTF8.GetString(files["/scripts/run.sh"].Content), files["/scripts/run.sh"].Mode));
        Assert.Equal(web.Environment["DB_URL"], A.Service(model, "db").Environment["DB_URL"]);
        Assert.Equal("UTC", A.Service(model, "db").Environment["TZ"]);
    }

    [Fact]
    public void What_is_asked_for_is_an_input()
    {
        var inputs = Import(Toml).Inputs.ToDictionary(i => i.Name);

        Assert.Equal(InputKind.Host, inputs["MAIN_DOMAIN"].Kind);
        Assert.Equal(new ValueShape.Word(24), inputs["DB_PASSWORD"].Shape);
        Assert.Equal(new ValueShape.Base64(48), inputs["KEY"].Shape);
        Assert.Equal("UTC", inputs["TZ"].Default);
        var token = Assert.IsType<ValueShape.SignedToken>(inputs["TOKEN"].Shape);
        Assert.Contains("\"exp\": 1893456000", token.Claims, StringComparison.Ordinal);
        Assert.Equal("fixed-secret", inputs[token.KeyName].Default);
    }

    [Theory]
    [InlineData("password", 16)]
    [InlineData("password:32", 32)]
    [InlineData("base64:32", 44)]
    [InlineData("hash:8", 8)]
    [InlineData("uuid", 36)]
    [InlineData("timestamp", 13)]
    [InlineData("timestampms", 13)]
    [InlineData("timestamps", 10)]
    [InlineData("timestamps:2030-01-01", 10)]
    [InlineData("randomPort", 5)]
    [InlineData("username", 16)]
    [InlineData("email", 24)]
    [InlineData("jwt:32", 64)]
    public void DP_25_Helpers_make_values_of_their_shape(string helper, int length)
    {
        var project = DokployImport.Read("services: { web: { image: web, environment: { A: $X } } }", $"[config.env]\nX = \"${{{helper}}}\"\n", "x");

        var made = A.Service(A.Read(project.ComposeText, Given(project)).Model, "web").Environment["A"]!;

        Assert.Equal(length, made.Length);
    }

    [Fact]
    public void DP_25_Token_is_signed_with_the_named_secret()
    {
        var project = DokployImport.Read("services: { web: { image: web, environment: { A: $X, B: $Y } } }", "[variables]\nkey = \"${password:40}\"\n[config.env]\nX = \"${jwt:key}\"\nY = \"${jwt}\"\n", "x");

        Assert.Equal(["X", "Y", "KEY", "Y_KEY"], project.Inputs.Select(i => i.Name));
        Assert.Equal(3, Given(project)["X"].Split('.').Length);
    }

    [Theory]
    [InlineData("${colour}")]
    [InlineData("${password:many}")]
    [InlineData("${password:99999}")]
    [InlineData("${timestamps:yesterday}")]
    [InlineData("${jwt:nothing}")]
    [InlineData("${jwt:k:nothing}")]
    [InlineData("${jwt:k:k}")]
    public void DP_25_Unknown_helper_is_an_error(string text)
    {
        var toml = $"[variables]\nk = \"v\"\n[config.env]\nX = \"{text}\"\n";

        Assert.Equal("import/dokploy-helper", Assert.Throws<ProblemException>(() => DokployImport.Read("services: { web: { image: web, environment: { A: $X } } }", toml, "x")).Problem.Code);
    }

    [Theory]
    [InlineData("a = ")]
    [InlineData("a = \"x")]
    [InlineData("a = [1, 2")]
    [InlineData("a = 1\na = 2")]
    [InlineData("a = 1\n[a]")]
    [InlineData("[a")]
    [InlineData("a = \"\\q\"")]
    [InlineData("a = 1 b = 2")]
    [InlineData("= 1")]
    [InlineData("a = \"\\u12")]
    public void What_is_no_toml_is_refused_with_its_place(string toml)
    {
        var problem = Assert.Throws<ProblemException>(() => Import(toml)).Problem;

        Assert.Equal("import/toml", problem.Code);
        Assert.Matches(@"^template\.toml:\d+:\d+ ", problem.Message);
    }

    [Fact]
    public void Domain_of_no_service_is_refused() =>
        Assert.Equal("compose/undefined-reference", Assert.Throws<ProblemException>(() => Import("[[config.domains]]\nserviceName = \"wbe\"\nport = 1\n")).Problem.Code);

    private static ImportedProject Import(string toml) => DokployImport.Read(Compose, toml, "shop");

    private static Dictionary<string, string> Given(ImportedProject project)
    {
        var given = CoolifyCorpusTests.Given(project with { Inputs = [.. project.Inputs.OrderBy(i => i.Shape is ValueShape.SignedToken)] });
        foreach (var host in project.Inputs.Where(i => i.Kind is InputKind.Host))
        {
            given[host.Name] = $"{host.Name.Replace('_', '-').ToLowerInvariant()}.example.com";
        }

        return given;
    }

    private static ProjectModel Model(ImportedProject project) =>
        ComposeReader.Read(new() { Text = project.ComposeText, Files = InMemoryFiles.Of(project.Files.Select(f => (f.Key, f.Value))), Variables = Given(project) }).Model;
}
