using Wherry.Compose.Importing;
using Wherry.Compose.Importing.Runs;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Importing;

public sealed class RunImportTests
{
    [Fact]
    public void DC_32_Run_line_becomes_a_service_with_the_same_container()
    {
        var project = Words(
            "docker", "run", "-d", "--name", "web", "-p", "8080:80", "-p127.0.0.1:9090:90/udp", "-v", "data:/data:ro", "--mount", "type=bind,source=/srv/conf,target=/conf,readonly", "-e", "MODE=fa$t", "-e", "TOKEN=abc",
            "--restart=always", "-m", "256m", "--cpus=1.5", "--user", "1000:1000", "-w", "/app", "--cap-add", "NET_ADMIN", "--ulimit", "nofile=1024:2048", "--add-host", "db:10.0.0.1", "--entrypoint", "/start",
            "--health-cmd", "curl -f localhost", "--health-interval", "10s", "--stop-timeout", "20", "--shm-size", "64m", "--label", "a=b", "--init", "--tmpfs", "/run:size=1m", "nginx:1.27", "serve", "--verbose", "$HOME");
        var model = A.Read(project.ComposeText, new Dictionary<string, string> { ["TOKEN"] = "abc" }).Model;
        var web = A.Service(model, "web");

        Assert.Equal("nginx:1.27", $"{web.Image}");
        Assert.Equal(["serve", "--verbose", "$HOME"], web.Command);
        Assert.Equal(["/start"], web.Entrypoint);
        Assert.Equal([(8080, 80, "tcp", (string?)null), (9090, 90, "udp", "127.0.0.1")], web.Ports.Select(p => (p.HostPort ?? 0, p.ContainerPort, p.Protocol, p.HostAddress)));
        Assert.Equal(["Volume data /data True", "Bind /srv/conf /conf True", "Tmpfs  /run False"], web.Mounts.Select(m => $"{m.Kind} {m.Source} {m.Target} {m.ReadOnly}"));
        Assert.Equal([("MODE", "fa$t"), ("TOKEN", "abc")], web.Environment.Select(e => (e.Key, e.Value)).Order());
        Assert.Equal(256L << 20, web.Resources.Memory?.Bytes);
        Assert.Equal(1.5, web.Resources.Cpus);
        Assert.Equal(("1000:1000", "/app", (TimeSpan?)TimeSpan.FromSeconds(20)), (web.User, web.WorkingDir, web.StopGrace));
        Assert.Equal("b", web.Labels["a"]);
        Assert.Equal(["data"], model.Volumes.Keys);
    }

    [Fact]
    public void A_password_is_a_value_of_the_project_and_not_in_its_file()
    {
        var project = Words("docker", "run", "-e", "POSTGRES_PASSWORD=hunter2", "-e", "POSTGRES_DB=shop", "postgres:16");

        Assert.Equal("hunter2", project.Values["POSTGRES_PASSWORD"]);
        Assert.DoesNotContain("hunter2", project.ComposeText, StringComparison.Ordinal);
        Assert.True(Assert.Single(project.Inputs).Secret);
        Assert.Equal("postgres", project.Name);
    }

    [Fact]
    public void A_line_of_a_manual_is_split_without_a_shell()
    {
        var project = Line("""
            sudo docker container run -dit \
              --name='my web' \
              -e "GREETING=it's \"me\"" -e KEY=$MY_KEY \
              -v "/srv/$DIR":/srv \
              busybox sh -c 'echo hi'
            """);
        var service = A.Read(project.ComposeText.Replace("    stdin_open: true\n    tty: true\n", "", StringComparison.Ordinal), A.Vars(("MY_KEY", "k"), ("DIR", "d"))).Model.Services[ServiceName.Parse("my-web")];

        Assert.Contains("stdin_open: true\n    tty: true\n", project.ComposeText, StringComparison.Ordinal);
        Assert.Equal([("GREETING", "it's \"me\""), ("KEY", "k")], service.Environment.Select(e => (e.Key, e.Value)).Order());
        Assert.Equal("/srv/d", Assert.Single(service.Mounts).Source);
        Assert.Equal(["sh", "-c", "echo hi"], service.Command);
        Assert.Equal(["DIR", "MY_KEY"], project.Inputs.Select(i => i.Name).Order());
    }

    [Fact]
    public void The_current_folder_is_the_projects() =>
        Assert.Contains("- ./site:/usr/share/nginx/html", Line("docker run -v $(pwd)/site:/usr/share/nginx/html nginx").ComposeText, StringComparison.Ordinal);

    [Fact]
    public void Files_of_variables_come_along()
    {
        var project = RunImport.Read("docker run --env-file /etc/shop/web.env web", path => path == "/etc/shop/web.env" ? "A='b'\n" : null);

        var web = A.Service(ComposeReader.Read(new() { Text = project.ComposeText, Files = InMemoryFiles.Of(project.Files.Select(f => (f.Key, f.Value))) }).Model, "web");
        Assert.Equal("'b'", web.Environment["A"]);
        Assert.Equal("import/file-missing", Refused("docker run --env-file no.env web").Code);
    }

    [Fact]
    public void Networks_are_those_of_the_engine_and_modes_are_modes()
    {
        var text = Line("docker run --network shop --network-alias db --ip 10.1.0.5 postgres").ComposeText;

        Assert.Contains("    networks:\n      shop:\n        aliases:\n          - db\n        ipv4_address: \"10.1.0.5\"\n", text, StringComparison.Ordinal);
        Assert.Contains("networks:\n  shop:\n    external: true\n", text, StringComparison.Ordinal);
        Assert.Contains("network_mode: host", Line("docker run --net=host web").ComposeText, StringComparison.Ordinal);
        Assert.DoesNotContain("network", Line("docker run --network bridge web").ComposeText, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flag_of_the_table_has_a_rule()
    {
        var values = new Dictionary<string, string>
        {
            ["mount"] = "type=volume,source=a,target=/a",
            ["gpus"] = "all",
            ["cpu-shares"] = "5",
            ["memory-swappiness"] = "5",
            ["oom-score-adj"] = "-5",
            ["pids-limit"] = "5",
            ["ulimit"] = "nofile=5",
            ["publish-all"] = "true",
        };
        var fields = typeof(RunFlag).GetField("All", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!;
        var all = (Dictionary<string, RunFlag>)fields.GetValue(null)!;

        foreach (var (name, flag) in all)
        {
            string[] words = flag.TakesValue ? ["docker", "run", $"--{name}", values.GetValueOrDefault(name, "a=b"), "web"] : ["docker", "run", $"--{name}", "web"];

            var text = RunImport.Read(words, _ => "").ComposeText;

            Assert.True(flag.Key.Length == 0 || text.Contains($"\n    {flag.Key}:", StringComparison.Ordinal), $"--{name} says nothing in {text}");
        }
    }

    [Theory]
    [InlineData("docker run --gpus 2 web", "import/run-flag")]
    [InlineData("docker run --colour web", "import/run-flag")]
    [InlineData("docker run -Z web", "import/run-flag")]
    [InlineData("docker run --mount type=bind,colour=red web", "import/run-flag")]
    [InlineData("docker run -p", "import/run-line")]
    [InlineData("docker run -d", "import/run-line")]
    [InlineData("docker run --pids-limit many web", "import/run-line")]
    [InlineData("docker ps", "import/run-line")]
    [InlineData("rm -rf /", "import/run-line")]
    [InlineData("docker run web; rm -rf /", "import/run-line")]
    [InlineData("docker run web && echo", "import/run-line")]
    [InlineData("docker run 'web", "import/run-line")]
    [InlineData("", "import/run-line")]
    public void What_is_no_line_or_cannot_be_said_in_compose_is_refused(string line, string code) => Assert.Equal(code, Refused(line).Code);

    private static ImportedProject Words(params string[] words) => RunImport.Read(words, _ => null);

    private static ImportedProject Line(string line) => RunImport.Read(line, _ => null);

    private static Problem Refused(string line) => Assert.Throws<ProblemException>(() => Line(line)).Problem;
}
