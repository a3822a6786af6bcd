using Wherry.Compose.Importing;
using Wherry.Compose.Importing.Resources;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Importing;

public sealed class ResourceImportTests
{
    private const string Database = """
        resource: database
        type: postgresql
        version: "16"
        configuration: { database: shop, username: me, password: "${GENERATED}" }
        ---

        """;

    private static string Ado => File.ReadAllText(Path.Combine(CorpusTests.Folder(), "../resource-yaml/ado.yaml"));

    [Fact]
    public void Resources_become_one_project_whose_services_can_be_deployed()
    {
        var model = Model(Import(Ado));

        Assert.Equal(["api-gateway", "postgresql", "redis", "worker"], model.Services.Keys.Select(k => k.Value));
        var gateway = A.Service(model, "api-gateway");
        Assert.Equal((2, 2.0, 2048L << 20), (gateway.Replicas, gateway.Resources.Cpus, gateway.Resources.Memory?.Bytes));
        Assert.Equal(["api-gateway-host.example.com/:3000", "api-gateway-host.example.com/ws:3001"], gateway.Routes.Select(r => $"{r.Host}{r.Path}:{r.Port}"));
        Assert.Equal(("/health", 3000, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10)), (gateway.Health!.Path, gateway.Health.Port, gateway.Health.Interval, gateway.Health.Timeout));
        Assert.Equal(["postgresql", "redis"], gateway.DependsOn.Select(d => d.Service.Value).Order());
        Assert.Equal(3, A.Service(model, "worker").Replicas);
        Assert.Equal(["postgresql-data", "redis-data"], model.Volumes.Keys);
        Assert.Equal("postgres:16", $"{A.Service(model, "postgresql").Image}");
    }

    [Fact]
    public void References_become_variables_that_all_services_share()
    {
        var project = Import(Ado);
        var model = Model(project);

        var password = A.Service(model, "postgresql").Environment["POSTGRES_PASSWORD"];
        Assert.Equal(32, password!.Length);
        Assert.Equal($"postgresql://ado:{password}@postgresql:5432/ado", A.Service(model, "worker").Environment["DATABASE_URL"]);
        Assert.Equal(
            ["POSTGRESQL_PASSWORD Generated secret", "REDIS_PASSWORD Generated secret", "VERSION Value required", "JWT_SECRET Value required secret", "API_GATEWAY_HOST Host required", "ANTHROPIC_API_KEY Value required secret"],
            project.Inputs.Select(i => $"{i.Name} {i.Kind}{(i.Required ? " required" : "")}{(i.Secret ? " secret" : "")}"));
        Assert.DoesNotContain(password, project.ComposeText, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_counterpart_is_told() =>
        Assert.Equal(["postgresql.settings.persistence.size", "postgresql.settings.backup", "redis.settings.persistence.size"], Import(Ado).Lost.Select(l => l.Place));

    [Fact]
    public void Database_may_have_a_name_a_public_port_and_no_volume()
    {
        var model = Model(Import("""
            resource: application
            image: web
            configuration: { environment: { CACHE: "${sessions.url}", HOST: "${valkey.host}:${valkey.port}" } }
            ---
            resource: database
            type: valkey
            name: sessions
            configuration: { password: plain$word, publicPort: 16379 }
            settings: { persistence: { enabled: false } }
            """));

        var cache = A.Service(model, "sessions");
        Assert.Equal((16379, 6379), Assert.Single(cache.Tcp!) is var tcp ? (tcp.Listen, tcp.Port) : default);
        Assert.Empty(cache.Mounts);
        Assert.Equal("plain$word", cache.Environment["REDISCLI_AUTH"]);
        Assert.Equal(["redis://:plain$word@sessions:6379", "sessions:6379"], A.Service(model, "web").Environment.Values);
    }

    [Theory]
    [InlineData("17.2", "/var/lib/postgresql/data")]
    [InlineData("18", "/var/lib/postgresql")]
    public void Data_of_postgres_lies_where_its_version_keeps_it(string version, string folder) =>
        Assert.Equal(folder, A.Service(Model(Import(Database.Replace("16", version, StringComparison.Ordinal))), "postgresql").Mounts.Single().Target);

    [Fact]
    public void Everything_wrong_is_told_with_its_place_in_the_whole_file()
    {
        var problem = Assert.Throws<ProblemException>(() => Import(Database + """
            resource: application
            type: git
            image: web
            configuration:
              environment: { A: "${mysql.host}", B: "${postgresql.colour}", C: "${lower}" }
              ports: [{ publicPort: 443 }]
              relpicas: 2
            ---
            resource: volume
            ---
            resource: database
            type: oracle
            """)).Problem;

        Assert.Equal("compose/invalid", problem.Code);
        Assert.Contains("shop.yaml:7:7 type: \"git\" is no application", problem.Message, StringComparison.Ordinal);
        foreach (var part in (string[])["\"${mysql}\" refers to nothing", "\"${postgresql.colour}\" refers", "\"${lower}\" refers", "needs containerPort", "did you mean \"replicas\"", "no resource \"volume\"", "no database of the type \"oracle\""])
        {
            Assert.Contains(part, problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Two_resources_of_one_name_are_refused() =>
        Assert.Equal("compose/duplicate-key", Assert.Throws<ProblemException>(() => Import(Database + Database)).Problem.Code);

    [Fact]
    public void File_without_a_resource_is_refused() =>
        Assert.Equal("compose/no-service", Assert.Throws<ProblemException>(() => Import("# nothing\n---\n")).Problem.Code);

    private static ImportedProject Import(string text) => ResourceImport.Read(text, "shop.yaml");

    private static ProjectModel Model(ImportedProject project) => A.Read(project.ComposeText, CoolifyCorpusTests.Given(project)).Model;
}
