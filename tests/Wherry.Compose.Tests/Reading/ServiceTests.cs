using Wherry.Core.Model;

namespace Wherry.Compose.Tests.Reading;

public sealed class ServiceTests
{
    [Fact]
    public void Plain_keys_are_read()
    {
        var web = A.Web("""
            command: bin/web --port 80
            entrypoint: ["/sbin/tini", "--"]
            user: 1000:1000
            working_dir: /app
            stop_signal: SIGQUIT
            stop_grace_period: 1m30s
            init: true
            cap_add: [NET_ADMIN]
            cap_drop: [ALL]
            shm_size: 128m
            ulimits: { nproc: 100, nofile: { soft: 1024, hard: -1 } }
            extra_hosts: ["a:10.0.0.1", "b=::1", "c:[::2]", "d=host-gateway"]
            labels: [x=1, y]
            """);

        Assert.Equal(["bin/web", "--port", "80"], web.Command);
        Assert.Equal(["/sbin/tini", "--"], web.Entrypoint);
        Assert.Equal(("1000:1000", "/app", "SIGQUIT"), (web.User, web.WorkingDir, web.StopSignal));
        Assert.Equal(TimeSpan.FromSeconds(90), web.StopGrace);
        Assert.True(web.Init);
        Assert.Equal(["NET_ADMIN"], web.CapAdd);
        Assert.Equal(["ALL"], web.CapDrop);
        Assert.Equal(ByteSize.Of(128 << 20), web.ShmSize);
        Assert.Equal([new("nproc", 100, 100), new Ulimit("nofile", 1024, -1)], web.Ulimits);
        Assert.Equal(["a:10.0.0.1", "b:::1", "c:::2", "d:host-gateway"], web.ExtraHosts);
        Assert.Equal(new Dictionary<string, string> { ["x"] = "1", ["y"] = "" }, web.Labels);
    }

    [Fact]
    public void What_the_file_does_not_say_stays_the_images_or_the_engines_default()
    {
        var web = A.Web("user: root");

        Assert.Null(web.Command);
        Assert.Null(web.Entrypoint);
        Assert.Null(web.StopGrace);
        Assert.Null(web.Init);
        Assert.Null(web.Healthcheck);
        Assert.Null(web.Health);
        Assert.Null(web.Build);
        Assert.Equal(1, web.Replicas);
        Assert.Equal(new Resources(), web.Resources);
        Assert.Equal(new RestartPolicy(RestartCondition.UnlessStopped), web.Restart);
        Assert.Equal(["default"], web.Networks.Keys);
        Assert.Empty(A.Web("entrypoint: []").Entrypoint!);
        Assert.Empty(A.Web("command: ''").Command!);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0s")]
    [InlineData("'0'")]
    public void DP_028_A_stop_grace_period_of_zero_is_kept_as_zero(string written) =>
        Assert.Equal(TimeSpan.Zero, A.Web($"stop_grace_period: {written}").StopGrace);

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("1m30s", 90)]
    [InlineData("1h2m3.5s", 3723.5)]
    [InlineData("2d", 172800)]
    [InlineData("1w", 604800)]
    [InlineData("1500us", 0.0015)]
    public void Durations_follow_Composes_grammar(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), A.Web($"stop_grace_period: {text}").StopGrace);

    [Theory]
    [InlineData("30")]
    [InlineData("-1s")]
    [InlineData("1y")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("99999999w")]
    [InlineData("[1s]")]
    public void A_wrong_duration_is_refused_with_a_hint(string text)
    {
        var problem = A.WebProblem($"stop_grace_period: {text}");

        Assert.StartsWith("compose.yaml:4:24 services.web.stop_grace_period: must be a duration", problem.Message, StringComparison.Ordinal);
        Assert.Contains("30s", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_is_read_short_and_long()
    {
        Assert.Equal("app", A.Service(A.Model("services: { web: { build: ./app/ } }"), "web").Build?.Context.Value);

        var build = A.Web("""
            build:
              context: .
              dockerfile: docker/web.Dockerfile
              target: prod
              args: [A=1, FROM_OUTSIDE, GONE]
              labels: { x: y }
              cache_from: ["shop/web:cache", "type=registry,ref=shop/web:old"]
            """, A.Vars(("FROM_OUTSIDE", "2"))).Build!;
        Assert.Equal((".", "docker/web.Dockerfile", "prod"), (build.Context.Value, build.Dockerfile, build.Target));
        Assert.Equal(new Dictionary<string, string> { ["A"] = "1", ["FROM_OUTSIDE"] = "2" }, build.Args);
        Assert.Equal(new Dictionary<string, string> { ["x"] = "y" }, build.Labels);
        Assert.Equal(["shop/web:cache", "shop/web:old"], build.CacheFrom.Select(c => c.Value));
    }

    [Fact]
    public void Paths_start_at_the_Compose_files_own_folder_and_may_climb_inside_the_source()
    {
        var input = A.Input("services: { web: { build: ../app, env_file: web.env } }", null, ("deploy/web.env", "A=1")) with { FileName = "deploy/compose.yaml" };
        var web = A.Service(ComposeReader.Read(input).Model, "web");

        Assert.Equal("app", web.Build?.Context.Value);
        Assert.Equal("1", web.Environment["A"]);
    }

    [Theory]
    [InlineData("build: ..", "source/path")]
    [InlineData("build: /srv/app", "source/path")]
    [InlineData("build: { context: ., dockerfile: ../Dockerfile }", "source/path")]
    [InlineData("build: https://example.com/x.git", "compose/unsupported-key")]
    [InlineData("build: { dockerfile_inline: FROM x }", "compose/unsupported-key")]
    [InlineData("build: { cache_from: ['Bad Name'] }", "image/reference")]
    [InlineData("build: [a]", "compose/value")]
    public void A_wrong_build_is_refused(string body, string code) => Assert.Equal(code, A.WebProblem(body).Code);

    [Theory]
    [InlineData("image: 'a b'", "image/reference")]
    [InlineData("image: \"nginx\\nnode\"", "image/reference")]
    [InlineData("user: x", "compose/image-missing")]
    public void A_service_needs_an_image_or_a_build(string body, string code) =>
        Assert.Equal(code, A.Problem($"services:\n  web:\n    {body}\n").Code);

    [Theory]
    [InlineData("test: pg_isready -U x", new[] { "CMD-SHELL", "pg_isready -U x" })]
    [InlineData("test: [CMD, pg_isready]", new[] { "CMD", "pg_isready" })]
    [InlineData("test: [CMD-SHELL, 'a || b']", new[] { "CMD-SHELL", "a || b" })]
    [InlineData("test: [NONE]", new[] { "NONE" })]
    [InlineData("disable: true", new[] { "NONE" })]
    public void Healthcheck_test_is_read(string body, string[] test) =>
        Assert.Equal(test, A.Web($"healthcheck: {{ {body} }}").Healthcheck?.Test);

    [Fact]
    public void Healthcheck_times_are_read()
    {
        var check = A.Web("healthcheck: { test: x, interval: 5s, timeout: 1m, retries: 3, start_period: 500ms }").Healthcheck!;

        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), 3, TimeSpan.FromMilliseconds(500)), (check.Interval, check.Timeout, check.Retries, check.StartPeriod));
        Assert.Contains("CMD-SHELL", A.WebProblem("healthcheck: { test: [curl, localhost] }").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("restart: 'no'", RestartCondition.No, null)]
    [InlineData("restart: no", RestartCondition.No, null)]
    [InlineData("restart: always", RestartCondition.Always, null)]
    [InlineData("restart: unless-stopped", RestartCondition.UnlessStopped, null)]
    [InlineData("restart: on-failure", RestartCondition.OnFailure, null)]
    [InlineData("restart: on-failure:5", RestartCondition.OnFailure, 5)]
    [InlineData("deploy: { restart_policy: { condition: none } }", RestartCondition.No, null)]
    [InlineData("deploy: { restart_policy: { condition: any } }", RestartCondition.Always, null)]
    [InlineData("deploy: { restart_policy: { condition: on-failure, max_attempts: 3 } }", RestartCondition.OnFailure, 3)]
    [InlineData("restart: always\ndeploy: { restart_policy: { condition: on-failure } }", RestartCondition.OnFailure, null)]
    public void Restart_policy_is_read(string body, RestartCondition condition, int? attempts) =>
        Assert.Equal(new RestartPolicy(condition, attempts), A.Web(body).Restart);

    [Fact]
    public void Resources_are_read_from_deploy_and_from_the_older_keys()
    {
        var wanted = new Resources(0.5, ByteSize.Of(256 << 20), 100, ByteSize.Of(64 << 20));

        var current = A.Web("deploy: { mode: replicated, replicas: 3, resources: { limits: { cpus: '0.50', memory: 256m, pids: 100 }, reservations: { memory: 64M } } }");
        Assert.Equal((3, wanted), (current.Replicas, current.Resources));
        var old = A.Web("scale: 3\ncpus: 0.5\nmem_limit: 256mb\npids_limit: 100\nmem_reservation: 64m");
        Assert.Equal((3, wanted), (old.Replicas, old.Resources));
        Assert.Equal(0, A.Web("scale: 0").Replicas);
        Assert.Equal(new Resources(), A.Web("pids_limit: -1\nmem_limit: 0\ncpus: 0").Resources);
    }

    [Theory]
    [InlineData("scale: 2\ndeploy: { replicas: 3 }", "services.web.scale: says \"2\", but services.web.deploy.replicas says \"3\"")]
    [InlineData("deploy: { mode: global }", "the mode \"global\" is not supported")]
    [InlineData("deploy: { replicas: -1 }", "must be a whole number from 0 to 1000")]
    [InlineData("deploy: { replicas: two }", "must be a whole number from 0 to 1000")]
    [InlineData("cpus: -1", "must be a number of cores")]
    [InlineData("mem_limit: lots", "is not a size")]
    [InlineData("init: yes", "must be true or false but is \"yes\"")]
    [InlineData("restart: sometimes", "is not a restart policy")]
    [InlineData("ulimits: { nofile: { soft: 1 } }", "needs soft and hard")]
    [InlineData("extra_hosts: [nowhere]", "is not a host with an address")]
    [InlineData("extra_hosts: { a: b }", "is not a host with an address")]
    [InlineData("command: a && b", "& needs a shell")]
    [InlineData("command: 'a \"b'", "the closing \" is missing")]
    [InlineData("labels: { a: [b] }", "must be a single value")]
    public void A_wrong_value_is_refused(string body, string message) =>
        Assert.Contains(message, A.WebProblem(body).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a  b\tc\nd", new[] { "a", "b", "c", "d" })]
    [InlineData("a 'b c' \"d e\"", new[] { "a", "b c", "d e" })]
    [InlineData("a '' \"\"", new[] { "a", "", "" })]
    [InlineData("a'b'\"c\"d", new[] { "abcd" })]
    [InlineData("a\\ b \\\"c", new[] { "a b", "\"c" })]
    [InlineData("'a\\b' \"a\\\"b\" \"a'b\"", new[] { "a\\b", "a\"b", "a'b" })]
    [InlineData("a\\\n b", new[] { "a", "b" })]
    [InlineData("sh -c \"a && b | c > d; $(e)\"", new[] { "sh", "-c", "a && b | c > d; $(e)" })]
    [InlineData("a $(b c) `d e`", new[] { "a", "$(b c)", "`d e`" })]
    [InlineData("a#b *.txt ~ {x}", new[] { "a#b", "*.txt", "~", "{x}" })]
    public void Words_are_split_as_Compose_splits_them(string text, string[] words) =>
        Assert.Equal(words, Wherry.Compose.Reading.ShellWords.Split(text));
}
