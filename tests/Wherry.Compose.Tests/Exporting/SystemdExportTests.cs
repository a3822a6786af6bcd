using System.Text.RegularExpressions;
using Wherry.Compose.Exporting;

namespace Wherry.Compose.Tests.Exporting;

public sealed partial class SystemdExportTests
{
    [Fact]
    public void Every_unit_is_made_of_sections_and_keys_and_names_files_that_there_are()
    {
        foreach (var (name, model) in Exports.Models())
        {
            var exported = SystemdExport.Of(model, Exports.Wish);
            var paths = exported.Files.Select(f => f.Path).ToList();

            Assert.Equal(paths.Distinct(), paths);
            foreach (var path in paths.Where(p => p.EndsWith(".container", StringComparison.Ordinal)))
            {
                var text = exported.Text(path);
                Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(UnitLine(), line));
                Assert.All(Named().Matches(text).Select(m => m.Groups["file"].Value), file => Assert.Contains(file.StartsWith("./", StringComparison.Ordinal) ? $"podman/{file[2..]}" : $"podman/{file}", paths));
            }

            Assert.Contains("docker/compose.yaml", paths);
            Assert.StartsWith("# Written by", exported.Text("docker/shop.service"), StringComparison.Ordinal);
            Assert.True(exported.Losses.All(l => l.StartsWith("docker: ", StringComparison.Ordinal) || l.StartsWith("podman: ", StringComparison.Ordinal)), name);
        }
    }

    [Fact]
    public void A_container_says_in_a_unit_what_it_says_in_Compose()
    {
        var (model, _) = LocalModel.Read(A.Input("""
            services:
              web:
                image: nginx:1.28
                command: ["sh", "-c", "echo \"$$HOME\" 100%"]
                environment: { GREETING: "it's $$5", URL: "u:${DB_PASSWORD}@db", PASSWORD: "${DB_PASSWORD}" }
                ports: ["127.0.0.1:8080:80"]
                volumes: ["data:/data:ro", "/etc/ssl:/etc/ssl"]
                depends_on: [db]
                user: "1000:1001"
                deploy: { resources: { limits: { cpus: "0.5", memory: 256m } } }
              db: { image: postgres, restart: "no" }
            volumes: { data: }
            """, A.Vars(("DB_PASSWORD", "hunter2"))));
        var exported = SystemdExport.Of(model, Exports.Wish);
        var web = exported.Text("podman/shop-web.container");

        foreach (var line in new[]
        {
            "Requires=shop-db.service", "After=shop-db.service", "Image=nginx:1.28", "Exec=sh -c \"echo \\\"$$HOME\\\" 100%%\"", "Environment=\"GREETING=it's $$5\"",
            "Secret=shop_DB_PASSWORD,type=env,target=PASSWORD", "EnvironmentFile=./shop-web.env", "PublishPort=127.0.0.1:8080:80/tcp", "Volume=shop-data.volume:/data:ro", "Volume=/etc/ssl:/etc/ssl",
            "Network=shop-default.network", "NetworkAlias=web", "User=1000", "Group=1001", "PodmanArgs=--cpus=0.5", "PodmanArgs=--memory=256m", "Restart=always",
        })
        {
            Assert.Contains($"\n{line}\n", web, StringComparison.Ordinal);
        }

        Assert.Equal("URL=u:${DB_PASSWORD}@db\n", exported.Text("podman/shop-web.env"));
        Assert.Contains("Type=oneshot\nRemainAfterExit=yes\nRestart=no\n", exported.Text("podman/shop-db.container"), StringComparison.Ordinal);
        Assert.Contains("# printf %s \"$DB_PASSWORD\" | podman secret create shop_DB_PASSWORD -\n", exported.Text("podman/shop-db.container"), StringComparison.Ordinal);
        Assert.All(exported.Files, f => Assert.DoesNotContain("hunter", exported.Text(f.Path), StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\A(#.*|\[[A-Z][a-z]+\]|[A-Z][A-Za-z0-9]+=.+|)\z")]
    private static partial Regex UnitLine();

    /// <summary>Files of ours that a unit refers to.</summary>
    [GeneratedRegex(@"^(?:Network|Volume|EnvironmentFile)=""?(?<file>(?:\./[^:\n""]+|[^:/\n]+\.(?:network|volume)))", RegexOptions.Multiline)]
    private static partial Regex Named();
}
