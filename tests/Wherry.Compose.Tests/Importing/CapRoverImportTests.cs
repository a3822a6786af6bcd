using Wherry.Compose.Importing;
using Wherry.Compose.Importing.CapRover;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Importing;

public sealed class CapRoverImportTests
{
    private const string Desk = """
        captainVersion: 4
        services:
          $$cap_appname-db:
            image: postgres:$$cap_pg_version
            volumes: ["$$cap_appname-data:/var/lib/postgresql/data"]
            environment: { POSTGRES_PASSWORD: $$cap_pg }
            command: ['sh', '-c', 'echo $POSTGRES_PASSWORD']
            caproverExtra: { notExposeAsWebApp: 'true' }
          $$cap_appname:
            depends_on: [$$cap_appname-db]
            environment:
              DB: postgres://u:$$cap_pg@srv-captain--$$cap_appname-db/desk
              URL: https://$$cap_appname.$$cap_root_domain/in
              DOMAIN: $$cap_root_domain
              LANG: $$cap_lang
              NOTE: $$cap_note
            caproverExtra:
              containerHttpPort: '3000'
              dockerfileLines: ["FROM desk:$$cap_version", "RUN echo $HOME $$cap_version"]
        caproverOneClickApp:
          variables:
            - { id: $$cap_pg, label: Password, description: of the database, defaultValue: $$cap_gen_random_hex(24) }
            - { id: $$cap_pg_version, label: Postgres, defaultValue: '16' }
            - { id: $$cap_version, defaultValue: 1.2.3 }
            - { id: $$cap_lang, label: Language, validRegex: '/.{1,}/' }
            - { id: $$cap_note, label: Note }
          description: A help desk
        """;

    [Fact]
    public void Template_becomes_a_project_with_routes_and_its_own_names()
    {
        var project = Import(Desk);
        var model = Model(project);

        Assert.Equal(["desk", "desk-db"], model.Services.Keys.Select(k => k.Value));
        var desk = A.Service(model, "desk");
        Assert.Equal(["desk-host.example.com:3000"], desk.Routes.Select(r => $"{r.Host}:{r.Port}"));
        Assert.Equal("https://desk-host.example.com/in", desk.Environment["URL"]);
        Assert.StartsWith("postgres://u:", desk.Environment["DB"], StringComparison.Ordinal);
        Assert.EndsWith("@desk-db/desk", desk.Environment["DB"], StringComparison.Ordinal);
        Assert.Equal("echo $POSTGRES_PASSWORD", A.Service(model, "desk-db").Command![2]);
        Assert.Equal("postgres:16", $"{A.Service(model, "desk-db").Image}");
        Assert.Equal(["desk-data"], model.Volumes.Keys);
        Assert.Equal("A help desk", project.About.Slogan);
    }

    [Fact]
    public void Variables_are_inputs_with_what_the_template_says_of_them()
    {
        var inputs = Import(Desk).Inputs.ToDictionary(i => i.Name);

        Assert.Equal(new ValueShape.HexDigits(24), inputs["PG"].Shape);
        Assert.Equal("Password: of the database", inputs["PG"].Purpose);
        Assert.Equal(("16", false), (inputs["PG_VERSION"].Default, inputs["PG_VERSION"].Required));
        Assert.True(inputs["LANG"].Required);
        Assert.False(inputs["NOTE"].Required);
        Assert.Equal(InputKind.Host, inputs["DESK_HOST"].Kind);
        Assert.Contains("CAP_ROOT_DOMAIN", inputs.Keys);
    }

    [Fact]
    public void Lines_of_a_dockerfile_become_one_whose_variables_are_arguments()
    {
        var project = Import(Desk);

        Assert.Equal("ARG VERSION\nFROM desk:${VERSION}\nARG VERSION\nRUN echo $HOME ${VERSION}\n", project.Files["desk.Dockerfile"]);
        Assert.Contains("        VERSION: ${VERSION:-1.2.3}\n", project.ComposeText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("captainVersion: 2\nservices: {}", "import/caprover-version")]
    [InlineData("captainVersion: 4\nservices: {}", "compose/no-service")]
    [InlineData("captainVersion: 4\nservices: { a: { image: $$cap_what } }", "import/caprover-variable")]
    public void What_is_no_template_is_refused(string text, string code) =>
        Assert.Equal(code, Assert.Throws<ProblemException>(() => Import(text)).Problem.Code);

    private static ImportedProject Import(string text) => CapRoverImport.Read(text, "desk.yml");

    private static ProjectModel Model(ImportedProject project) =>
        ComposeReader.Read(new() { Text = project.ComposeText, Files = InMemoryFiles.Of(project.Files.Select(f => (f.Key, f.Value))), Variables = CoolifyCorpusTests.Given(project) }).Model;
}
