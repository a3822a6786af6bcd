using System.Net;
using System.Net.Sockets;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;
using static Wherry.Docker.Tests.Fixture.ScriptedEngine;

namespace Wherry.Docker.Tests;

public sealed class NegotiationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.41", "1.12", "1.41")]
    [InlineData("1.44", "1.24", "1.44")]
    [InlineData("1.51", "1.44", "1.51")]
    [InlineData("1.60", "1.44", "1.51")]
    public async Task Both_sides_speak_the_newest_version_that_both_know(string api, string oldest, string used)
    {
        await using var scripted = new ScriptedEngine(line => line == "GET /version" ? Version(api, oldest) : Json(200, "{}"));
        using var engine = new Engine(scripted.Endpoint);

        await Task.WhenAll(engine.InfoAsync(Stop), engine.InfoAsync(Stop));

        Assert.Equal(["GET /version", $"GET /v{used}/info", $"GET /v{used}/info"], scripted.Requests);
        Assert.Equal(used, (await engine.VersionAsync(Stop)).UsedApi);
    }

    [Theory]
    [InlineData("1.40", "1.12", "at least 1.41")]
    [InlineData("1.9", "1.1", "at least 1.41")]
    [InlineData("1.90", "1.80", "up to 1.51")]
    public async Task Without_a_common_version_the_engine_is_refused(string api, string oldest, string words)
    {
        await using var scripted = new ScriptedEngine(_ => Version(api, oldest));
        using var engine = new Engine(scripted.Endpoint);

        var e = await Assert.ThrowsAsync<ProblemException>(() => engine.InfoAsync(Stop));

        Assert.Equal("docker/version-too-old", e.Problem.Code);
        Assert.Contains(words, e.Problem.Message, StringComparison.Ordinal);
        Assert.True(await engine.AnswersAsync(Stop));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("<html>hello</html>")]
    public async Task Something_else_on_the_socket_is_not_taken_for_an_engine(string body)
    {
        await using var scripted = new ScriptedEngine(_ => Json(200, body));
        using var engine = new Engine(scripted.Endpoint);

        var e = await Assert.ThrowsAsync<ProblemException>(() => engine.InfoAsync(Stop));

        Assert.Equal("docker/unreachable", e.Problem.Code);
        Assert.Contains("not a Docker Engine", e.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_failure_the_version_is_asked_for_again()
    {
        var down = true;
        await using var scripted = new ScriptedEngine(line => down ? [] : line == "GET /version" ? Version("1.45", "1.24") : Json(200, "{}"));
        using var engine = new Engine(scripted.Endpoint);
        Assert.Equal("docker/unreachable", (await Assert.ThrowsAsync<ProblemException>(() => engine.InfoAsync(Stop))).Problem.Code);

        down = false;
        await engine.InfoAsync(Stop);

        Assert.Contains("GET /v1.45/info", scripted.Requests);
    }

    [Fact]
    public async Task An_engine_that_was_exchanged_for_an_older_one_is_asked_anew()
    {
        var api = "1.51";
        await using var scripted = new ScriptedEngine(line => line switch
        {
            "GET /version" => Version(api, "1.24"),
            _ when line.StartsWith($"GET /v{api}/", StringComparison.Ordinal) => Json(200, "{}"),
            _ => Json(400, $$"""{"message":"client version 1.51 is too new. Maximum supported API version is {{api}}"}"""),
        });
        using var engine = new Engine(scripted.Endpoint);
        await engine.InfoAsync(Stop);
        api = "1.43";
        Assert.Equal("docker/version-too-old", (await Assert.ThrowsAsync<ProblemException>(() => engine.InfoAsync(Stop))).Problem.Code);

        await engine.InfoAsync(Stop);

        Assert.Equal("1.43", (await engine.VersionAsync(Stop)).UsedApi);
    }

    [Theory]
    [InlineData("1.43", 1)]
    [InlineData("1.44", 2)]
    public async Task From_1_44_on_all_networks_go_into_the_creation(string api, int inCreation)
    {
        var connects = 0;
        await using var scripted = new ScriptedEngine(line =>
        {
            connects += line.Contains("/connect", StringComparison.Ordinal) ? 1 : 0;
            return line == "GET /version" ? Version(api, "1.24") : Json(200, """{"Id":"abc","Name":"n"}""");
        });
        using var engine = new Engine(scripted.Endpoint);

        await engine.Containers.CreateAsync(new() { Name = "c", Image = "i", Networks = [new("one", []), new("two", [])] }, Stop);

        Assert.Equal(2 - inCreation, connects);
    }

    [Fact]
    public async Task Without_buildkit_the_classic_builder_takes_over_and_the_context_is_written_again()
    {
        await using var scripted = new ScriptedEngine(line => line switch
        {
            "GET /version" => Version("1.41", "1.12"),
            _ when line.Contains("version=2", StringComparison.Ordinal) => Json(400, """{"message":"buildkit is not supported by this daemon"}"""),
            _ => Stream("""{"stream":"Step 1/1 : FROM scratch\n"}{"aux":{"ID":"sha256:classic"}}""", 1000),
        });
        using var engine = new Engine(scripted.Endpoint);
        var request = new BuildRequest { WriteContext = (_, _) => Task.CompletedTask };

        Assert.Equal("sha256:classic", await engine.Builds.BuildAsync(request, null, Stop));
        var e = await Assert.ThrowsAsync<ProblemException>(() => engine.Builds.BuildAsync(request with { Builder = BuilderKind.BuildKit }, null, Stop));
        Assert.Equal("docker/refused", e.Problem.Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task CR_02_Build_output_cut_inside_json_and_inside_characters_is_put_together(int size)
    {
        await using var scripted = new ScriptedEngine(line => line == "GET /version"
            ? Version("1.41", "1.12")
            : Stream("{\"stream\":\"Step 1/1 : RUN é\\n\"}\r\n{\"stream\":\"⚓ ün\"}\r\n{\"stream\":\"ïcode 😀\\n\"}\n{\"aux\":{\"ID\":\"sha256:1\"}}", size));
        using var engine = new Engine(scripted.Endpoint);
        var reports = new Reports<BuildProgress>();

        await engine.Builds.BuildAsync(new() { WriteContext = (_, _) => Task.CompletedTask, Builder = BuilderKind.Classic }, reports, Stop);

        Assert.Equal(["#1 RUN é", "#1 ⚓ ünïcode 😀"], reports.All.Take(2).Select(r => r.ToString()));
    }

    [Fact]
    public async Task A_stream_that_breaks_off_is_an_unreachable_engine()
    {
        await using var scripted = new ScriptedEngine(line => line == "GET /version"
            ? Version("1.41", "1.12")
            : Stream("""{"Type":"container","Action":"start","timeNano":1}{"Type":"cont""", 1000));
        using var engine = new Engine(scripted.Endpoint);
        List<EngineEvent> seen = [];

        var e = await Assert.ThrowsAsync<ProblemException>(async () =>
        {
            await foreach (var item in engine.EventsAsync(null, EventFilter.All, Stop))
            {
                seen.Add(item);
            }
        });

        Assert.Equal("docker/unreachable", e.Problem.Code);
        Assert.Equal("start", Assert.Single(seen).Action);
    }

    [Fact]
    public async Task Events_that_end_are_an_unreachable_engine_too()
    {
        await using var scripted = new ScriptedEngine(line => line == "GET /version" ? Version("1.41", "1.12") : Stream("", 10));
        using var engine = new Engine(scripted.Endpoint);

        var e = await Assert.ThrowsAsync<ProblemException>(async () => await engine.EventsAsync(null, EventFilter.All, Stop).ToListAsync(Stop));

        Assert.Equal("docker/unreachable", e.Problem.Code);
    }

    [Fact]
    public async Task A_refused_session_gives_the_engines_words()
    {
        await using var scripted = new ScriptedEngine(line => line switch
        {
            "GET /version" => Version("1.41", "1.12"),
            _ when line.EndsWith("/start", StringComparison.Ordinal) => [.. Json(409, """{"message":"Container x is paused, unpause the container before exec"}""")],
            _ => Json(201, """{"Id":"e1"}"""),
        });
        using var engine = new Engine(scripted.Endpoint);

        var e = await Assert.ThrowsAsync<ProblemException>(() => engine.Exec.StartAsync("x", new() { Command = ["true"] }, Stop));

        Assert.Equal("docker/conflict", e.Problem.Code);
        Assert.Contains("unpause the container", e.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_in_the_middle_of_an_upload_gives_the_engines_words()
    {
        await using var scripted = new ScriptedEngine(line => line == "GET /version"
            ? Version("1.41", "1.12")
            : [.. Json(500, """{"message":"write /var/lib/docker/tmp/x: no space left on device"}""")])
        { BodyBytes = 1 << 20 };
        using var engine = new Engine(scripted.Endpoint);
        using var tar = new MemoryStream(new byte[64 << 20]);

        var e = await Assert.ThrowsAsync<ProblemException>(() => engine.Images.LoadAsync(tar, Stop));

        Assert.Equal("docker/disk-full", e.Problem.Code);
    }

    [Fact]
    public async Task An_upload_that_is_cut_without_a_word_says_so()
    {
        await using var scripted = new ScriptedEngine(line => line == "GET /version" ? Version("1.41", "1.12") : []) { BodyBytes = 1 << 20 };
        using var engine = new Engine(scripted.Endpoint);
        using var tar = new MemoryStream(new byte[64 << 20]);

        var e = await Assert.ThrowsAsync<ProblemException>(() => engine.Images.LoadAsync(tar, Stop));

        Assert.Equal("docker/upload-cut", e.Problem.Code);
    }

    [Fact]
    public async Task An_engine_that_takes_connections_and_says_nothing_is_unreachable()
    {
        await using var scripted = new ScriptedEngine(_ => null);
        using var engine = new Engine(scripted.Endpoint);

        var e = await Assert.ThrowsAsync<ProblemException>(() => engine.InfoAsync(Stop));

        Assert.Equal("docker/unreachable", e.Problem.Code);
        Assert.Contains("gives no answer", e.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_does_not_take_the_connection_is_unreachable_after_five_seconds()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        // They fill the queue; the kernel then drops what comes.
        Socket[] waiting = [.. Enumerable.Range(0, 4).Select(_ => new Socket(SocketType.Stream, ProtocolType.Tcp))];
        using var filled = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var filling = waiting.Select(s => s.ConnectAsync(address, filled.Token).AsTask()).ToArray();
        await filling[0];
        using var engine = new Engine(EngineEndpoint.Parse($"tcp://127.0.0.1:{address.Port}"));

        var e = await Assert.ThrowsAsync<ProblemException>(() => engine.InfoAsync(Stop));

        Assert.Equal("docker/unreachable", e.Problem.Code);
        Assert.Contains("5 s", e.Problem.Message, StringComparison.Ordinal);
        await filled.CancelAsync();
        await Task.WhenAll(filling.Select(f => f.ContinueWith(_ => { }, Stop, TaskContinuationOptions.None, TaskScheduler.Default)));
        Array.ForEach(waiting, s => s.Dispose());
    }

    [Fact]
    public async Task A_pull_that_fails_in_the_middle_gives_the_registrys_words()
    {
        await using var scripted = new ScriptedEngine(line => line == "GET /version"
            ? Version("1.41", "1.12")
            : Stream("""{"status":"Downloading","id":"a","progressDetail":{"current":1048576,"total":2097152}}{"errorDetail":{"message":"write /var/lib/docker/tmp/x: no space left on device"},"error":"write"}""", 1000));
        using var engine = new Engine(scripted.Endpoint);
        var progress = new Reports<PullProgress>();

        var e = await Assert.ThrowsAsync<ProblemException>(() => engine.Images.PullAsync(ImageReference.Parse("redis:7"), null, progress, Stop));

        Assert.Equal("docker/disk-full", e.Problem.Code);
        Assert.Equal("a: Downloading 1 MB of 2 MB", Assert.Single(progress.All).ToString());
    }
}
