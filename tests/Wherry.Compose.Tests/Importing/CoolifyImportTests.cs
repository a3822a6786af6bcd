using System.Text;
using System.Text.Json;
using Wherry.Compose.Importing;
using Wherry.Compose.Importing.Coolify;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Importing;

public sealed class CoolifyImportTests
{
    private const string Blog = """
        # documentation: https://blog.example.com/docs
        # slogan: A blog.
        # tags: blog, writing
        # port: 2368

        services:
          blog:
            image: blog:1
            environment:
              - SERVICE_URL_BLOG
              - url=$SERVICE_URL_BLOG
              - DB_PASSWORD=${SERVICE_PASSWORD_64_DB}
              - DB_USER=$SERVICE_USER_DB
              - MAIL_FROM=${MAIL_FROM:?sender of mail}
              - THEME=${THEME:-casper}
            volumes:
              - blog-content:/var/lib/blog
          db:
            image: mysql:8
            environment:
              - MYSQL_PASSWORD=${SERVICE_PASSWORD_64_DB}
            volumes:
              - blog-db:/var/lib/mysql
        """;

    [Fact]
    public void Service_that_wants_an_address_gets_a_route_to_the_port_of_the_header_and_a_host_to_give()
    {
        var project = Import(Blog);

        var route = Assert.Single(Routes(project, "blog"));
        Assert.Equal("service-fqdn-blog.example.com", route.Host!.Value);
        Assert.Equal(2368, route.Port);
        var host = Assert.Single(project.Inputs, i => i.Kind is InputKind.Host);
        Assert.Equal("SERVICE_FQDN_BLOG", host.Name);
        Assert.True(host.Required);
        Assert.Equal("https://service-fqdn-blog.example.com", Environment(project, "blog")["url"]);
        Assert.DoesNotContain("SERVICE_URL_BLOG", Environment(project, "blog").Keys);
    }

    [Fact]
    public void Without_tls_addresses_are_plain()
    {
        var project = CoolifyImport.Read(Blog, "blog.yaml", tls: false);

        Assert.Equal("http://service-fqdn-blog.example.com", Environment(project, "blog")["url"]);
        Assert.DoesNotContain("tls:", project.ComposeText, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_template_wants_made_is_an_input_with_its_shape_and_one_value_for_all_services()
    {
        var project = Import(Blog);

        Assert.Equal(new ValueShape.Word(64), Input(project, "SERVICE_PASSWORD_64_DB").Shape);
        Assert.True(Input(project, "SERVICE_PASSWORD_64_DB").Secret);
        Assert.False(Input(project, "SERVICE_USER_DB").Secret);
        Assert.Equal("DB_PASSWORD of blog, MYSQL_PASSWORD of db", Input(project, "SERVICE_PASSWORD_64_DB").Purpose);
        var model = Model(project);
        Assert.Equal(A.Service(model, "blog").Environment["DB_PASSWORD"], A.Service(model, "db").Environment["MYSQL_PASSWORD"]);
    }

    [Fact]
    public void Other_variables_are_inputs_that_must_or_may_be_given()
    {
        var project = Import(Blog);

        Assert.Equal(("sender of mail (MAIL_FROM of blog)", true, null), Told("MAIL_FROM"));
        Assert.Equal(("THEME of blog", false, "casper"), Told("THEME"));

        (string, bool, string?) Told(string name) => (Input(project, name).Purpose, Input(project, name).Required, Input(project, name).Default);
    }

    [Fact]
    public void Volumes_are_declared_and_the_header_is_kept()
    {
        var project = Import(Blog);

        Assert.Equal(["blog-content", "blog-db"], Model(project).Volumes.Keys);
        Assert.Equal("A blog.", project.About.Slogan);
        Assert.Equal(["blog", "writing"], project.About.Tags);
        Assert.StartsWith("# A blog.\n# https://blog.example.com/docs\n", project.ComposeText, StringComparison.Ordinal);
        Assert.Equal("blog", project.Name);
    }

    [Theory]
    [InlineData("SERVICE_PASSWORD_DB", 32)]
    [InlineData("SERVICE_PASSWORD_64_DB", 64)]
    [InlineData("SERVICE_PASSWORDWITHSYMBOLS_DB", 32)]
    [InlineData("SERVICE_USER_DB", 16)]
    [InlineData("SERVICE_BASE64_KEY", 32)]
    [InlineData("SERVICE_BASE64_128_KEY", 128)]
    [InlineData("SERVICE_REALBASE64_KEY", 44)]
    [InlineData("SERVICE_REALBASE64_64_KEY", 88)]
    [InlineData("SERVICE_HEX_32_KEY", 64)]
    [InlineData("SERVICE_HEX_64_KEY", 128)]
    public void Made_values_have_the_length_that_their_name_asks_for(string name, int length)
    {
        var shape = Assert.IsType<MagicName.Made>(MagicName.Parse(name)).Shape;

        var (first, second) = (Make(shape), Make(shape));

        Assert.Equal(length, first.Length);
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData("SERVICE_URL_APP", "APP", null, true)]
    [InlineData("SERVICE_URL_MY_APP_3000", "MY_APP", 3000, true)]
    [InlineData("SERVICE_FQDN_APP_8080", "APP", 8080, false)]
    [InlineData("SERVICE_URL_APP_0", "APP_0", null, true)]
    public void Names_of_addresses_may_have_a_port(string name, string of, int? port, bool isUrl) =>
        Assert.Equal(new MagicName.Address(of, port, isUrl), MagicName.Parse(name));

    [Theory]
    [InlineData("SERVICE_DB_NAME")]
    [InlineData("SERVICE_OPENAI_API_KEY")]
    [InlineData("MY_SERVICE_PASSWORD_DB")]
    [InlineData("SERVICE_URL")]
    [InlineData("PASSWORD")]
    public void Names_that_only_look_magic_are_ordinary_variables(string name) => Assert.Null(MagicName.Parse(name));

    [Fact]
    public void Token_of_supabase_is_signed_with_the_other_secret()
    {
        var shape = Assert.IsType<MagicName.Made>(MagicName.Parse("SERVICE_SUPABASEANON_KEY")).Shape;

        var parts = shape.Make(n => n == "SERVICE_PASSWORD_JWT" ? "secret" : null, DateTimeOffset.FromUnixTimeSeconds(1000)).Split('.');

        var claims = JsonDocument.Parse(Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]))).RootElement;
        Assert.Equal("anon", claims.GetProperty("role").GetString());
        Assert.Equal(1000, claims.GetProperty("iat").GetInt64());
        var expected = System.Security.Cryptography.HMACSHA256.HashData("secret"u8, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"));
        Assert.Equal(expected, System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]));
    }

    [Fact]
    public void Ports_in_names_and_paths_in_values_make_routes()
    {
        var project = Import("""
            services:
              web:
                image: web
                environment:
                  - SERVICE_URL_SHOP_3000=/
                  - ADMIN=${SERVICE_URL_SHOP_9000}
              api:
                image: api
                environment:
                  SERVICE_FQDN_SHOP_8080: /api
            """);

        Assert.Equal(["service-fqdn-shop.example.com/:3000", "service-fqdn-shop-9000.example.com/:9000"], Routes(project, "web").Select(Shown));
        Assert.Equal(["service-fqdn-shop.example.com/api:8080"], Routes(project, "api").Select(Shown));
        Assert.Equal("https://service-fqdn-shop-9000.example.com", Environment(project, "web")["ADMIN"]);
    }

    [Fact]
    public void Two_ports_of_one_name_get_a_host_each_and_one_port_of_two_services_one_route()
    {
        var project = Import("""
            services:
              worker:
                image: web
                environment: [SERVICE_URL_WEB_3000]
              web:
                image: web
                environment: [SERVICE_URL_WEB_3000, SERVICE_URL_WEB_5003]
            """);

        Assert.Empty(Routes(project, "worker"));
        Assert.Equal(["service-fqdn-web.example.com/:3000", "service-fqdn-web-5003.example.com/:5003"], Routes(project, "web").Select(Shown));
    }

    [Fact]
    public void An_address_that_is_only_asked_for_leads_to_the_service_of_that_name_or_is_an_input()
    {
        var project = Import("""
            services:
              my-minio:
                image: minio
                environment: ["BROWSER=${SERVICE_URL_MYMINIO_9001}", "HUB=${SERVICE_FQDN_HUB:-none}"]
            """);

        Assert.Equal(["service-fqdn-myminio.example.com/:9001"], Routes(project, "my-minio").Select(Shown));
        Assert.Equal("service-fqdn-hub.example.com", Environment(project, "my-minio")["HUB"]);
    }

    [Fact]
    public void Route_without_any_port_goes_where_the_health_check_looks_or_to_80_which_is_told()
    {
        var project = Import("""
            services:
              a:
                image: a
                environment: [SERVICE_URL_A]
                healthcheck: { test: ["CMD", "curl", "-f", "http://127.0.0.1:8065/ping"] }
              b:
                image: b
                environment: [SERVICE_URL_B]
            """);

        Assert.Equal((8065, 80), (Routes(project, "a").Single().Port, Routes(project, "b").Single().Port));
        Assert.Equal("services.b", Assert.Single(project.Lost).Place);
    }

    [Fact]
    public void File_with_content_becomes_a_config_byte_for_byte()
    {
        var project = Import("""
            services:
              web:
                image: web
                volumes:
                  - type: bind
                    source: ./conf/start.sh
                    target: /start.sh
                    content: |
                      #!/bin/sh
                      echo "$HOME $$ ${PORT:-1}"
                  - type: bind
                    source: ./conf/site.conf
                    target: /etc/site.conf
                    mode: "0600"
                    content: "listen 80;"
              job:
                image: job
                volumes: ["./conf/site.conf:/site.conf:ro"]
            """);

        var files = A.Service(Model(project), "web").Files.ToDictionary(f => f.Target);
        Assert.Equal("#!/bin/sh\necho \"$HOME $$ ${PORT:-1}\"\n", Encoding.UTF8.GetString(files["/start.sh"].Content));
        Assert.Equal(0x1ED, files["/start.sh"].Mode);
        Assert.Equal(0x180, files["/etc/site.conf"].Mode);
        Assert.Equal("listen 80;", Encoding.UTF8.GetString(Assert.Single(A.Service(Model(project), "job").Files).Content));
        Assert.Empty(project.Inputs);
    }

    [Fact]
    public void Folders_of_the_template_become_named_volumes_and_that_is_told()
    {
        var project = Import("""
            services:
              web:
                image: web
                exclude_from_hc: true
                volumes:
                  - ./data:/data:ro
                  - { type: bind, source: ./srv, target: /srv, is_directory: true }
                  - { type: volume, source: named, target: /named, is_directory: true }
                  - "${COOLIFY_VOLUME_APP}:/app"
                  - ./app.yml:/etc/app.yml
                  - /var/run/docker.sock:/var/run/docker.sock
            """);

        var mounts = A.Service(Model(project), "web").Mounts;
        Assert.Equal(["Volume data /data", "Volume srv /srv", "Volume named /named", "Volume app /app", "Bind /var/run/docker.sock /var/run/docker.sock"], mounts.Select(m => $"{m.Kind} {m.Source} {m.Target}"));
        Assert.True(mounts[0].ReadOnly);
        Assert.Equal(["services.web.exclude_from_hc", "services.web.volumes[4]", "volumes", "volumes"], project.Lost.Select(l => l.Place));
    }

    [Fact]
    public void Dollar_that_begins_no_variable_is_kept_for_the_container()
    {
        var project = Import("""
            services:
              web:
                image: web
                command: ["sh", "-c", "echo $(date) $? ${A%%.*} $$HOME"]
                healthcheck: { test: "ping --password=$$SERVICE_PASSWORD_DB" }
            """);

        Assert.Equal("echo $(date) $? ${A%%.*} $HOME", A.Service(Model(project), "web").Command![2]);
        Assert.Equal(32, Environment(project, "web")["SERVICE_PASSWORD_DB"].Length);
    }

    [Fact]
    public void File_without_services_is_refused() =>
        Assert.Equal("compose/no-service", Assert.Throws<ProblemException>(() => Import("services: {}")).Problem.Code);

    private static ImportedProject Import(string text) => CoolifyImport.Read(text, "templates/blog.yaml");

    private static ProjectModel Model(ImportedProject project) => A.Read(project.ComposeText, CoolifyCorpusTests.Given(project)).Model;

    private static IReadOnlyList<Route> Routes(ImportedProject project, string service) => A.Service(Model(project), service).Routes;

    private static IReadOnlyDictionary<string, string> Environment(ImportedProject project, string service) => A.Service(Model(project), service).Environment;

    private static ImportInput Input(ImportedProject project, string name) => Assert.Single(project.Inputs, i => i.Name == name);

    private static string Make(ValueShape shape) => shape.Make(_ => null, DateTimeOffset.UnixEpoch);

    private static string Shown(Route route) => $"{route.Host}{route.Path}:{route.Port}";
}
