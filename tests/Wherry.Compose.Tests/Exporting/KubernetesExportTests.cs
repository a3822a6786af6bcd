using System.Text.RegularExpressions;
using Wherry.Compose.Exporting;
using Wherry.Compose.Exporting.Kubernetes;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Tests.Exporting;

public sealed partial class KubernetesExportTests
{
    private static readonly OpenApiCheck Schemas = new(
        Exports.Json(Exports.SharedSchema("kubernetes/apps__v1.openapi.json")),
        Exports.Json(Exports.SharedSchema("kubernetes/batch__v1.openapi.json")),
        Exports.Json(Path.Combine(Exports.Here(), "kubernetes-others.json")));

    /// <summary>Published types where they are at hand; the others by hand, for the keys that are written.</summary>
    [Fact]
    public void Every_object_of_every_model_has_the_shape_that_Kubernetes_publishes()
    {
        var kinds = new HashSet<string>();
        var models = 0;
        foreach (var (name, model) in Exports.Models())
        {
            models++;
            foreach (var document in All(KubernetesExport.Of(model, Exports.Wish)))
            {
                kinds.Add(document.TextAt("kind")!);
                Assert.Empty(Schemas.Check(SchemaOf(document), document).Select(wrong => $"{name}: {wrong}"));
            }
        }

        Assert.True(models > 30);
        Assert.Equal(["ConfigMap", "Deployment", "Ingress", "Job", "NetworkPolicy", "PersistentVolumeClaim", "PodDisruptionBudget", "Secret", "Service", "StatefulSet"], kinds.Order());
    }

    [Fact]
    public void Every_object_is_named_rightly_and_once_and_what_it_refers_to_is_there()
    {
        foreach (var (name, model) in Exports.Models())
        {
            var documents = All(KubernetesExport.Of(model, Exports.Wish));
            var names = documents.Select(d => $"{d.TextAt("kind")} {d.TextAt("metadata/name")}").ToList();

            Assert.Equal(names.Distinct(), names);
            Assert.All(documents, d => Assert.Matches(Label(), d.TextAt("metadata/name")!));
            foreach (var pod in documents.Select(d => d.At("spec/template/spec")).OfType<YamlMap>())
            {
                AssertWhole(pod, names, name);
            }
        }
    }

    [Fact]
    public void Each_kind_of_service_becomes_what_runs_it()
    {
        var exported = Export("""
            services:
              web: { image: nginx, expose: [80], deploy: { replicas: 3 } }
              db: { image: postgres, volumes: ["data:/data"] }
              cache: { image: redis, volumes: ["shared:/data"] }
              reader: { image: redis, volumes: ["shared:/data:ro"] }
              once: { image: busybox, restart: "no" }
              host: { image: nginx, ports: ["8080:80"] }
            volumes: { data: , shared: }
            """);

        var documents = All(exported);
        Assert.Equal(["Deployment", "StatefulSet", "Deployment", "Deployment", "Job", "Deployment"], new[] { "web", "db", "cache", "reader", "once", "host" }.Select(n => documents.Where(d => d.TextAt("metadata/name") == n).Select(d => d.TextAt("kind")!).First(k => k is "Deployment" or "StatefulSet" or "Job")));
        Assert.Equal("RollingUpdate", Find(documents, "Deployment", "web").TextAt("spec/strategy/type"));
        Assert.Equal("Recreate", Find(documents, "Deployment", "host").TextAt("spec/strategy/type"));
        Assert.Equal("1", Find(documents, "PodDisruptionBudget", "web").TextAt("spec/maxUnavailable"));
        Assert.Equal("ReadWriteOnce", Find(documents, "PersistentVolumeClaim", "shop-data").TextAt("spec/accessModes/0"));
        Assert.Equal("ReadWriteMany", Find(documents, "PersistentVolumeClaim", "shop-shared").TextAt("spec/accessModes/0"));
        Assert.Equal("None", Find(documents, "Service", "db").TextAt("spec/clusterIP"));
        Assert.Equal("80", Find(documents, "Service", "web").TextAt("spec/ports/0/port"));
        Assert.Equal(("LoadBalancer", "8080", "80"), (Find(documents, "Service", "host-public").TextAt("spec/type"), Find(documents, "Service", "host-public").TextAt("spec/ports/0/port"), Find(documents, "Service", "host-public").TextAt("spec/ports/0/targetPort")));
        Assert.DoesNotContain(documents, d => d.TextAt("kind") == "NetworkPolicy");
    }

    [Fact]
    public void Secrets_are_referred_to_and_their_values_are_written_only_when_they_are_asked_for()
    {
        const string file = """
            services:
              web:
                image: nginx
                command: ["run", "--key", "${API_KEY}", "$$(not a variable)"]
                environment: { URL: "postgres://u:${DB_PASSWORD}@db/$$(x)", POSTGRES_PASSWORD: "${DB_PASSWORD}", API_KEY: mine }
                secrets: [{ source: pem, mode: 0400 }]
                configs: [{ source: conf, target: /etc/app.conf }]
            secrets: { pem: { file: pem } }
            configs: { conf: { content: "password = ${DB_PASSWORD}\n" } }
            """;
        var (model, secrets) = LocalModel.Read(A.Input(file, A.Vars(("DB_PASSWORD", "hunter2"), ("API_KEY", "hunter3")), ("pem", "hunter4")));

        var without = KubernetesExport.Of(model, Exports.Wish);
        var with = KubernetesExport.Of(model, Exports.Wish with { Secrets = secrets });

        Assert.All(without.Files, f => Assert.DoesNotContain("hunter", without.Text(f.Path), StringComparison.Ordinal));
        Assert.DoesNotContain("hunter", with.Text("manifests.yaml"), StringComparison.Ordinal);
        Assert.Equal(["API_KEY", "DB_PASSWORD", "PEM"], without.Variables.Select(v => v.Name));
        var secret = Assert.Single(with.Documents("secrets.yaml"));
        Assert.Equal(["hunter3", "hunter2", "hunter4", "password = hunter2\n"], new[] { "API_KEY", "DB_PASSWORD", "PEM", "web.app.conf" }.Select(k => secret.TextAt($"stringData/{k}")));
        Assert.Equal("REPLACE-ME", without.Documents("secrets.yaml")[0].TextAt("stringData/PEM"));

        var container = Find(without.Documents("manifests.yaml"), "Deployment", "web").At("spec/template/spec/containers/0")!;
        Assert.Equal(["run", "--key", "$(SECRET_API_KEY)", "$$(not a variable)"], ((YamlList)container.At("args")!).Items.Select(i => ((YamlScalar)i).Text));
        Assert.Equal(["DB_PASSWORD", "SECRET_API_KEY", "POSTGRES_PASSWORD", "API_KEY", "URL"], ((YamlList)container.At("env")!).Items.Select(i => i.TextAt("name")));
        Assert.Equal("postgres://u:$(DB_PASSWORD)@db/$$(x)", container.TextAt("env/4/value"));
    }

    [Fact]
    public void Networks_keep_services_apart_as_they_did()
    {
        var documents = All(Export("""
            services:
              web: { image: nginx, networks: [front, back], x-wherry: { routes: [{ host: a.example.com, port: 80 }] } }
              db: { image: postgres, networks: [back] }
            networks: { front: , back: { internal: true } }
            """));

        var back = Find(documents, "NetworkPolicy", "shop-network-back");
        Assert.Equal("true", Below(back, "wherry.network/back"));
        Assert.Equal(["Ingress", "Egress"], ((YamlList)back.At("spec/policyTypes")!).Items.Select(i => ((YamlScalar)i).Text));
        Assert.Equal("80", Find(documents, "NetworkPolicy", "web-open").TextAt("spec/ingress/0/ports/0/port"));
        Assert.DoesNotContain(documents, d => d.TextAt("metadata/name") == "db-open");
    }

    [Fact]
    public void Health_becomes_a_probe_at_the_start_and_one_for_the_rotation()
    {
        var container = Find(All(Export("services: { web: { image: nginx, x-wherry: { routes: [{ host: a.example.com, port: 80 }], health: { path: /up, interval: 500ms, deadline: 90s } } } }")), "Deployment", "web").At("spec/template/spec/containers/0")!;

        Assert.Equal(("/up", "80", "1", "90"), (container.TextAt("startupProbe/httpGet/path"), container.TextAt("startupProbe/httpGet/port"), container.TextAt("startupProbe/periodSeconds"), container.TextAt("startupProbe/failureThreshold")));
        Assert.Equal("a.example.com", container.TextAt("readinessProbe/httpGet/httpHeaders/0/value"));
        Assert.Null(container.At("livenessProbe"));
    }

    [Fact]
    public void Everything_that_gets_lost_stands_at_the_top_and_in_the_report()
    {
        var exported = KubernetesExport.Of(Exports.Everything(), Exports.Wish with { Registry = "reg.example.com/shop" });
        var head = exported.Text("manifests.yaml").Split("\napiVersion")[0];

        Assert.All(exported.Losses, loss => Assert.Contains($"# - {loss}\n", head + "\n", StringComparison.Ordinal));
        foreach (var word in new[] { "reg.example.com/shop/web:1.2", "STOPSIGNAL", "ulimits", "pids_limit", "/etc/ssl of its host", "driver options", "starts without waiting for db", "leaves out protocol, strip_prefix", "nobody heeds canonical_host", "release command" })
        {
            Assert.Contains(exported.Losses, loss => loss.Contains(word, StringComparison.Ordinal));
        }
    }

    private static void AssertWhole(YamlMap pod, List<string> names, string model)
    {
        var volumes = ((pod.At("volumes") as YamlList)?.Items ?? []).ToDictionary(v => v.TextAt("name")!);
        foreach (var container in ((YamlList)pod.At("containers")!).Items)
        {
            var known = new HashSet<string>();
            foreach (var variable in (container.At("env") as YamlList)?.Items ?? [])
            {
                Assert.All(Reference().Matches((variable.TextAt("value") ?? "").Replace("$$", "", StringComparison.Ordinal)), r => Assert.Contains(r.Groups[1].Value, known));
                Assert.True(known.Add(variable.TextAt("name")!), $"{model}: {variable.TextAt("name")} twice");
            }

            Assert.All((container.At("volumeMounts") as YamlList)?.Items ?? [], m => Assert.Contains(m.TextAt("name")!, volumes.Keys));
        }

        Assert.All(volumes.Values.Select(v => v.TextAt("configMap/name")).OfType<string>(), n => Assert.Contains($"ConfigMap {n}", names));
        Assert.All(volumes.Values.Select(v => v.TextAt("secret/secretName")).OfType<string>(), n => Assert.Contains($"Secret {n}", names));
    }

    private static Exported Export(string file) => KubernetesExport.Of(Exports.Read(file), Exports.Wish);

    private static List<YamlMap> All(Exported exported) => [.. exported.Files.SelectMany(f => exported.Documents(f.Path))];

    private static YamlMap Find(List<YamlMap> documents, string kind, string name) => documents.Single(d => d.TextAt("kind") == kind && d.TextAt("metadata/name") == name);

    private static string? Below(YamlMap policy, string label) => ((policy.At("spec/podSelector/matchLabels") as YamlMap)?.Find(label)?.Value as YamlScalar)?.Text;

    private static string SchemaOf(YamlMap document)
    {
        var version = document.TextAt("apiVersion")!;
        var group = version.Contains('/', StringComparison.Ordinal) ? version.Split('/')[0].Split('.')[0] : "core";
        return $"io.k8s.api.{group}.v1.{document.TextAt("kind")}";
    }

    [GeneratedRegex(@"\A[a-z]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"\$\((\w+)\)")]
    private static partial Regex Reference();
}
