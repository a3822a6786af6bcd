using Wherry.Compose.Exporting;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Tests.Exporting;

public sealed class SwarmExportTests
{
    /// <summary>What the schema of Compose 3.8 knows of a service, which is what <c>docker stack deploy</c> takes, without what it does not heed.</summary>
    private static readonly string[] Known =
    [
        "cap_add", "cap_drop", "command", "configs", "deploy", "entrypoint", "environment", "expose", "extra_hosts", "healthcheck", "image", "init", "labels", "networks", "ports",
        "secrets", "stop_grace_period", "stop_signal", "sysctls", "tmpfs", "ulimits", "user", "volumes", "working_dir",
    ];

    [Fact]
    public void Every_service_has_only_keys_that_a_stack_heeds()
    {
        foreach (var (name, model) in Exports.Models())
        {
            var stack = Exports.Parse(SwarmExport.Of(model, Exports.Wish).Text("stack.yaml"));

            Assert.All(((YamlMap)stack.At("services")!).Entries, s =>
            {
                Assert.Empty(((YamlMap)s.Value).Entries.Select(e => e.Key).Except(Known).Select(k => $"{name}: {k}"));
                Assert.NotNull(s.Value.TextAt("image"));
            });
            Assert.Null(stack.Find("name"));
        }
    }

    [Fact]
    public void Updates_restarts_networks_and_ports_are_said_in_the_swarms_words()
    {
        var exported = SwarmExport.Of(
            Exports.Read("""
            services:
              web: { image: nginx, ports: ["127.0.0.1:8080:80/udp"], restart: on-failure:3, depends_on: [db], x-wherry: { routes: [{ host: a.example.com, port: 80 }] } }
              db: { build: ., volumes: ["data:/data"], restart: "no" }
            volumes: { data: }
            """),
            Exports.Wish with { Registry = "reg.example.com/shop" });
        var stack = Exports.Parse(exported.Text("stack.yaml"));

        Assert.Equal(("8080", "80", "udp"), (stack.TextAt("services/web/ports/0/published"), stack.TextAt("services/web/ports/0/target"), stack.TextAt("services/web/ports/0/protocol")));
        Assert.Equal(("on-failure", "3"), (stack.TextAt("services/web/deploy/restart_policy/condition"), stack.TextAt("services/web/deploy/restart_policy/max_attempts")));
        Assert.Equal(("none", "stop-first"), (stack.TextAt("services/db/deploy/restart_policy/condition"), stack.TextAt("services/db/deploy/update_config/order")));
        Assert.Equal(("reg.example.com/shop/db:latest", "overlay"), (stack.TextAt("services/db/image"), stack.TextAt("networks/default/driver")));
        foreach (var word in new[] { "push its image", "waiting for db", "every address", "routes of x-wherry", "on the node" })
        {
            Assert.Contains(exported.Losses, l => l.Contains(word, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Secrets_are_the_swarms_own_and_configs_are_files()
    {
        var (model, secrets) = LocalModel.Read(A.Input(
            "services: { web: { image: nginx, secrets: [pem], configs: [{ source: c, target: /c }], environment: { URL: 'u:${DB_PASSWORD}' } } }\nsecrets: { pem: { file: pem } }\nconfigs: { c: { content: 'cost: $$5' } }",
            A.Vars(("DB_PASSWORD", "hunter2")), ("pem", "hunter4")));
        var exported = SwarmExport.Of(model, Exports.Wish);
        var stack = Exports.Parse(exported.Text("stack.yaml"));

        Assert.All(exported.Files, f => Assert.DoesNotContain("hunter", exported.Text(f.Path), StringComparison.Ordinal));
        Assert.Equal(("true", "shop_pem"), (stack.TextAt("secrets/pem/external"), stack.TextAt("secrets/pem/name")));
        Assert.Contains("# printf %s \"$PEM\" | docker secret create shop_pem -\n", exported.Text("stack.yaml"), StringComparison.Ordinal);
        Assert.Equal("cost: $5", exported.Text(stack.TextAt("configs/c/file")!["./".Length..]));
        Assert.Equal("u:${DB_PASSWORD}", stack.TextAt("services/web/environment/URL"));
        Assert.Contains("DB_PASSWORD='hunter2'", SwarmExport.Of(model, Exports.Wish with { Secrets = secrets }).Text(".env"), StringComparison.Ordinal);
    }
}
