using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Merging;

public sealed class MergeTests
{
    [Fact]
    public void DC_18_Mappings_merge_values_are_replaced_and_lists_append()
    {
        var web = Web("image: a\ndeploy: { replicas: 2, resources: { limits: { cpus: '1', memory: 64m } } }\nexpose: ['80']", "image: b\ndeploy: { resources: { limits: { memory: 128m } } }\nexpose: ['81', '80']");

        Assert.Equal("b", web.Image?.Value);
        Assert.Equal((2, 1.0, 128L << 20), (web.Replicas, web.Resources.Cpus, web.Resources.Memory?.Bytes));
        Assert.Equal([80, 81], web.Expose.Select(e => e.Port));
    }

    [Fact]
    public void DC_18_Commands_and_checks_are_replaced()
    {
        var web = Web(
            "image: a\ncommand: [one, two]\nentrypoint: /a\nhealthcheck: { test: [CMD, a], interval: 5s }",
            "command: three\nentrypoint: [/b]\nhealthcheck: { test: b }");

        Assert.Equal(["three"], web.Command!);
        Assert.Equal(["/b"], web.Entrypoint!);
        Assert.Equal(["CMD-SHELL", "b"], web.Healthcheck!.Test!);
        Assert.Equal(TimeSpan.FromSeconds(5), web.Healthcheck.Interval);
    }

    [Theory]
    [InlineData("environment: { A: '1', B: '1' }\nlabels: { l: '1', m: '1' }\nbuild: { context: ., args: { X: '1', Y: '1' } }", "environment: [B=2, C=2]\nlabels: [m=2]\nbuild: { args: [Y=2] }")]
    [InlineData("environment: [A=1, B=1]\nlabels: [l=1, m=1]\nbuild: { context: ., args: [X=1, Y=1] }", "environment: { B: 2, C: 2 }\nlabels: { m: 2 }\nbuild: { args: { Y: 2 } }")]
    [InlineData("environment: [A=1, B=1]\nlabels: [l=1, m=1]\nbuild: { context: ., args: [X=1, Y=1] }", "environment: [B=2, C=2]\nlabels: [m=2]\nbuild: { args: [Y=2] }")]
    public void DC_18_Names_with_values_merge_by_name_in_both_syntaxes(string first, string second)
    {
        var web = Web(first, second);

        Assert.Equal(["A=1", "B=2", "C=2"], web.Environment.Select(e => $"{e.Key}={e.Value}"));
        Assert.Equal(["l=1", "m=2"], web.Labels.Select(e => $"{e.Key}={e.Value}"));
        Assert.Equal(["X=1", "Y=2"], web.Build!.Args.Select(e => $"{e.Key}={e.Value}"));
    }

    [Fact]
    public void A_build_may_be_a_folder_in_one_file_and_a_mapping_in_the_other()
    {
        Assert.Equal(("web", "prod"), Of(Web("build: web", "build: { target: prod }")));
        Assert.Equal(("web", "prod"), Of(Web("build: { context: ., target: prod }", "build: ./web")));

        static (string, string?) Of(ServiceSpec web) => (web.Build!.Context.Value, web.Build.Target);
    }

    [Fact]
    public void DC_18_What_is_mounted_is_one_per_place_in_the_container()
    {
        var web = Web(
            "image: a\nvolumes: ['data:/data', 'cache:/cache/']\nsecrets: [a]\nconfigs: [{ source: c, target: /etc/c }]",
            "volumes: [{ type: volume, source: other, target: /data, read_only: true }, '/srv/cache:/cache']\nsecrets: [{ source: b, target: a }]\nconfigs: [{ source: d, target: /etc/c }]",
            "volumes: { data: , cache: , other: }\nsecrets: { a: { environment: A }, b: { environment: B } }\nconfigs: { c: { content: c }, d: { content: d } }\n");

        Assert.Equal(["/data other True", "/cache /srv/cache False"], web.Mounts.Select(m => $"{m.Target} {m.Source} {m.ReadOnly}"));
        Assert.Equal(["/run/secrets/a vb", "/etc/c d"], web.Files.Select(f => $"{f.Target} {System.Text.Encoding.UTF8.GetString(f.Content)}"));
    }

    [Fact]
    public void DC_18_Ports_are_one_per_address_port_and_protocol()
    {
        var web = Web(
            "image: a\nports: ['8080:80', '127.0.0.1:9000:9000', '53:53/udp']",
            "ports: [{ target: 80, published: '8080' }, '8081:80', '127.0.0.1:9000:9000/tcp', '53:53']");

        Assert.Equal([":8080:80/tcp", "127.0.0.1:9000:9000/tcp", ":53:53/udp", ":8081:80/tcp", ":53:53/tcp"], web.Ports.Select(p => $"{p.HostAddress}:{p.HostPort}:{p.ContainerPort}/{p.Protocol}"));
    }

    [Fact]
    public void Hosts_of_the_later_file_take_the_place_of_earlier_addresses() =>
        Assert.Equal(["db:10.0.0.1", "api:10.0.0.9"], Web("image: a\nextra_hosts: { api: [10.0.0.2, 10.0.0.3], db: 10.0.0.1 }", "extra_hosts: ['api:10.0.0.9']").ExtraHosts);

    [Fact]
    public void DC_18_Networks_and_dependencies_are_lists_or_mappings()
    {
        var model = Model(
            "services:\n  web: { image: a, networks: [front], depends_on: [db] }\n  db: { image: d }\n  mail: { image: m }\nnetworks: { front: , back: }\n",
            "services:\n  web:\n    networks: { front: { aliases: [shop] }, back: }\n    depends_on: { mail: { condition: service_healthy } }\n");
        var web = A.Service(model, "web");

        Assert.Equal(["back", "front"], web.Networks.Keys.Order());
        Assert.Equal(["shop"], web.Networks["front"].Aliases);
        Assert.Equal(["db Started", "mail Healthy"], web.DependsOn.Select(d => $"{d.Service} {d.Condition}"));
    }

    [Fact]
    public void DC_18_Reset_takes_away_and_override_replaces_the_whole()
    {
        var model = Model(
            "services:\n  web: { image: a, ports: ['80:80'], command: x, environment: { A: '1', B: '1' }, expose: ['1'] }\n  old: { image: o }\n",
            "services:\n  web:\n    ports: !reset []\n    command: !reset null\n    environment: !override { C: '2' }\n    expose: !override ['2']\n  old: !reset null\n");
        var web = A.Service(model, "web");

        Assert.Empty(web.Ports);
        Assert.Null(web.Command);
        Assert.Equal(["C"], web.Environment.Keys);
        Assert.Equal(2, Assert.Single(web.Expose).Port);
        Assert.Single(model.Services);
    }

    [Fact]
    public void DC_18_Reset_takes_one_key_out_of_a_list_of_pairs() =>
        Assert.Equal(["B"], Web("image: a\nenvironment: [A=1, B=1]", "environment: { A: !reset null }").Environment.Keys);

    [Fact]
    public void In_a_single_file_reset_leaves_nothing_and_override_says_nothing()
    {
        var web = A.Web("ports: !reset ['80:80']\nenvironment: !override { A: '1' }\nexpose: ['1', !reset '2']");

        Assert.Empty(web.Ports);
        Assert.Equal(["A"], web.Environment.Keys);
        Assert.Equal(1, Assert.Single(web.Expose).Port);
    }

    [Fact]
    public void An_empty_entry_changes_nothing() =>
        Assert.Equal("fast", Model("services: { web: { image: a } }\nvolumes: { data: { driver: fast } }\n", "volumes: { data: }\n").Volumes["data"].Driver);

    [Fact]
    public void Lists_under_x_wherry_are_replaced() =>
        Assert.Equal("staging.example.com", Assert.Single(Web("image: a\nexpose: ['80']\nx-wherry: { routes: [shop.example.com], deploy: { drain: 5s } }", "x-wherry: { routes: [staging.example.com] }").Routes).Host?.Value);

    [Fact]
    public void DC_18_Each_file_has_its_own_anchors_and_variables_are_replaced_before_the_merge()
    {
        var result = Read([("compose.yaml", "x-e: &e { A: $V }\nservices: { web: { image: a, environment: *e } }\n"), ("over.yaml", "x-e: &e { B: '${V}$$' }\nservices: { web: { environment: *e } }\n")], ("V", "v"));

        Assert.Equal(["A=v", "B=v$"], A.Service(result.Model, "web").Environment.Select(e => $"{e.Key}={e.Value}"));
    }

    [Fact]
    public void A_problem_is_told_in_the_file_that_it_is_written_in()
    {
        var problem = Problem("services:\n  web:\n    image: a\n    cpus: many\n", "services:\n  web:\n    mem_limit: much\n");

        Assert.Contains("compose.yaml:4:11 services.web.cpus:", problem.Message, StringComparison.Ordinal);
        Assert.Contains("over.yaml:3:16 services.web.mem_limit:", problem.Message, StringComparison.Ordinal);
        Assert.True(problem.Message.IndexOf("compose.yaml:4", StringComparison.Ordinal) < problem.Message.IndexOf("over.yaml:3", StringComparison.Ordinal));
    }

    [Fact]
    public void What_cannot_be_merged_is_told_with_both_places()
    {
        var problem = Problem("services:\n  web:\n    image: a\n    deploy: { replicas: 2 }\n", "services:\n  web:\n    deploy: [2]\n");

        Assert.Equal("compose/merge", problem.Code);
        Assert.StartsWith("over.yaml:3:13 services.web.deploy: this is a list, but at compose.yaml:4:13 it is a mapping", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Relative_paths_start_where_the_first_file_does()
    {
        var result = Read([("deploy/compose.yaml", "services: { web: { build: web } }\n"), ("over.yaml", "services: { web: { env_file: a.env } }\n"), ("deploy/a.env", "A=1")]);

        Assert.Equal("deploy/web", A.Service(result.Model, "web").Build!.Context.Value);
        Assert.Equal("1", A.Service(result.Model, "web").Environment["A"]);
    }

    [Fact]
    public void Many_files_are_too_many_and_together_they_stay_small()
    {
        Assert.Equal("compose/too-large", Problem([.. Enumerable.Repeat("services: { web: { image: a } }\n", 101)]).Code);
        Assert.Equal("compose/too-large", Problem([.. Enumerable.Repeat($"services: {{ web: {{ image: a }} }}\n# {new string('x', 300_000)}\n", 4)]).Code);
    }

    private static ServiceSpec Web(string first, string second, string top = "") => A.Service(Model(File(first) + top, File(second)), "web");

    private static string File(string body) => $"services:\n  web:\n    {body.Replace("\n", "\n    ", StringComparison.Ordinal)}\n";

    private static ProjectModel Model(params string[] texts) => Read([.. texts.Select((t, i) => (Name(i), t))], ("A", "va"), ("B", "vb")).Model;

    private static Problem Problem(params string[] texts) =>
        Assert.Throws<ProblemException>(() => Read([.. texts.Select((t, i) => (Name(i), t))])).Problem;

    private static string Name(int index) => index switch { 0 => "compose.yaml", 1 => "over.yaml", _ => $"over{index}.yaml" };

    private static ComposeResult Read((string Name, string Text)[] files, params (string, string)[] variables) => ComposeReader.Read(new()
    {
        FileName = files[0].Name,
        Text = files[0].Text,
        Overrides = [.. files.Skip(1).Select(f => f.Name).Where(n => n.EndsWith(".yaml", StringComparison.Ordinal))],
        Files = InMemoryFiles.Of(files),
        Variables = A.Vars(variables),
    });
}
