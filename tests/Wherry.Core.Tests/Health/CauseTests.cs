using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Tests.Health;

/// <summary>Findings go in, the most telling cause comes out.</summary>
public sealed class CauseTests
{
    private static readonly Findings Exited = Seen("health/exited");

    private static readonly Findings Late = Seen("health/deadline") with { ProbedPort = 8080, Probe = Probe(null, "connection refused"), Listeners = [] };

    [Theory]
    [InlineData(3, "health/exited", "web-1 exited with code 3 before")]
    [InlineData(137, "health/exited", "code 137 (SIGKILL)")]
    [InlineData(143, "health/exited", "code 143 (SIGTERM)")]
    [InlineData(126, "health/not-executable", "not executable")]
    [InlineData(127, "health/executable-missing", "not in the image")]
    public void An_exit_code_is_told_for_what_it_says(int code, string problem, string says) => Tells(Exited with { ExitCode = code }, problem, says);

    [Theory]
    [InlineData("standard_init_linux.go:228: exec user process caused: exec format error", "health/wrong-platform")]
    [InlineData("exec /program: exec format error", "health/wrong-platform")]
    [InlineData("exec /entrypoint.sh: no such file or directory", "health/executable-missing")]
    [InlineData("open /data/x: no such file or directory", "health/exited")]
    public void What_the_runtime_wrote_says_more_than_the_code(string line, string problem) => Tells(Exited with { ExitCode = 1, Lines = [line] }, problem, "web-1 ");

    [Fact]
    public void Out_of_memory_says_more_than_the_signal_and_names_the_limit()
    {
        Tells(Exited with { ExitCode = 137, OutOfMemory = true, MemoryLimit = ByteSize.Of(64 << 20) }, "health/out-of-memory", "64 MB");
        Tells(Exited with { ExitCode = 137, OutOfMemory = true }, "health/out-of-memory", "server's memory");
    }

    [Theory]
    [InlineData("", "health/not-listening", "listens on no port; port 8080 is probed")]
    [InlineData("0.0.0.0:3000", "health/listens-elsewhere", "listens on port 3000, but port 8080 is probed")]
    [InlineData("127.0.0.1:8080", "health/listens-on-loopback", "127.0.0.1:8080 only")]
    [InlineData("::1:8080", "health/listens-on-loopback", "[::1]:8080 only")]
    [InlineData("127.0.0.1:3000", "health/listens-on-loopback", "127.0.0.1:3000 only")]
    [InlineData("127.0.0.1:3000 0.0.0.0:4000", "health/listens-elsewhere", "listens on port 4000, but")]
    [InlineData("127.0.0.1:8080 0.0.0.0:9229", "health/listens-on-loopback", "127.0.0.1:8080 only")]
    [InlineData("0.0.0.0:8080", "health/deadline", "listens on port 8080 now, but did not in time")]
    public void Where_it_listens_says_why_nobody_answers(string at, string problem, string says) =>
        Tells(Late with { Listeners = [.. at.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(At)] }, problem, says);

    [Fact]
    public void One_that_takes_a_connection_and_says_nothing_is_told_as_that() =>
        Tells(Late with { Listeners = [At("0.0.0.0:8080")], Probe = Probe(null, "no answer") }, "health/no-answer", "listens on port 8080, but does not answer its health check: no answer");

    [Fact]
    public void Where_nobody_can_look_the_probe_is_told() => Tells(Late with { Listeners = null }, "health/deadline", "connection refused");

    [Theory]
    [InlineData(404, "x-wherry.health.path")]
    [InlineData(401, "signing in")]
    [InlineData(400, "shop.test")]
    [InlineData(503, "log")]
    public void A_status_comes_with_the_way_out(int status, string hint)
    {
        var cause = Tells(Late with { Probe = Probe(status, $"{status} Something") }, "health/probe-status", $"{status} Something");

        Assert.Contains(hint, cause.Hint, StringComparison.Ordinal);
        Assert.Contains("last probe at 2026-01-02 03:04:05.006Z: GET http://172.18.0.4:8080/up: " + status + " Something after 12 ms: sorry", cause.Evidence);
    }

    [Fact]
    public void One_that_others_wait_for_is_told_with_them_only_when_it_says_little_itself()
    {
        var awaited = Seen("health/deadline") with { Waiting = [ServiceName.Parse("api"), ServiceName.Parse("jobs")], CheckOutput = "refused" };

        var cause = Tells(awaited, "service/dependency-unhealthy", "api, jobs wait for web, which never became healthy: ");
        Assert.Contains("last health check: refused", cause.Evidence);
        Assert.Contains("api, jobs wait for web", Tells(awaited with { ExitCode = 3, Told = Exited.Told }, "health/exited", "code 3").Evidence);
    }

    [Theory]
    [InlineData("docker/command-not-found", "exec: \"serve\": executable file not found in $PATH", "health/executable-missing")]
    [InlineData("docker/refused", "exec: \"/server.js\": permission denied: unknown", "health/not-executable")]
    [InlineData("docker/failed", "exec /x: exec format error", "health/wrong-platform")]
    [InlineData("docker/command-not-found", "error mounting \"/a\" to rootfs at \"/b\": no such file or directory: unknown", "volume/mount-failed")]
    [InlineData("docker/port-taken", "port is already allocated", "docker/port-taken")]
    public void What_the_engine_could_not_start_is_told_for_what_it_is(string code, string words, string problem) =>
        Assert.Equal(problem, StartCause.Of(Exited with { Told = new Problem(code, words, "x") }).Code);

    [Fact]
    public void The_log_comes_last() => Assert.Equal(
        ["exit code 139 (SIGSEGV)", "the image is made for linux/arm64, the server is linux/amd64", "web | bye"],
        Cause.Of(Exited with { ExitCode = 139, ImagePlatform = "linux/arm64", ServerPlatform = "linux/amd64", Lines = ["bye"] }).Evidence);

    private static Problem Tells(Findings seen, string code, string says)
    {
        var cause = Cause.Of(seen);
        Assert.Equal(code, cause.Code);
        Assert.Contains(says, cause.Message, StringComparison.Ordinal);
        return cause;
    }

    private static Findings Seen(string code) => new() { Name = "web-1", Service = ServiceName.Parse("web"), Told = new Problem(code, "web-1 was not healthy after 60 s.", "Mend it.") };

    private static ProbeReport Probe(int? status, string said) =>
        new("abc", new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero), "GET http://172.18.0.4:8080/up", "shop.test", status, said, "sorry", TimeSpan.FromMilliseconds(12));

    private static Listener At(string text)
    {
        var colon = text.LastIndexOf(':');
        return new(System.Net.IPAddress.Parse(text[..colon]), int.Parse(text[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }
}
