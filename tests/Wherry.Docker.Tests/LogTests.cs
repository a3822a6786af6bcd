using System.Text;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

public sealed class LogTests(DockerHost host)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private EngineContainers Containers => host.Engine.Containers;

    [Fact]
    public async Task Both_outputs_come_apart_with_their_times()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-5);
        var id = await DoneAsync("echo one; echo two >&2; echo three");

        var lines = await Containers.LogsAsync(id, new(), Stop).ToListAsync(Stop);

        Assert.Equal(["one", "three"], lines.Where(l => l.Stream == LogStream.Stdout).Select(l => l.Text));
        Assert.Equal(["two"], lines.Where(l => l.Stream == LogStream.Stderr).Select(l => l.Text));
        Assert.All(lines, l => Assert.InRange(l.At!.Value, before, DateTimeOffset.UtcNow.AddSeconds(5)));
        Assert.All(await Containers.LogsAsync(id, new() { Timestamps = false }, Stop).ToListAsync(Stop), l => Assert.Null(l.At));
    }

    [Fact]
    public async Task A_character_printed_in_two_halves_is_one_character()
    {
        var id = await DoneAsync(@"printf 'caf\303'; sleep 0.3; printf '\251 \342\232'; sleep 0.3; printf '\223\nnext'");

        Assert.Equal(["café ⚓", "next"], await TextsAsync(id));
    }

    [Fact]
    public async Task Bytes_that_are_not_text_come_through_unchanged()
    {
        var id = await DoneAsync(@"printf 'a\001\002\377\376\033[31mz\r\n'");

        var line = await Containers.LogsAsync(id, new(), Stop).SingleAsync(Stop);

        // The engine's json-file keeps text, so it has replaced what is not UTF-8; everything else is as printed.
        Assert.Equal("a\u0001\u0002\uFFFD\uFFFD\u001b[31mz\r", line.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_line_longer_than_the_engines_pieces_is_one_line(bool timestamps)
    {
        var id = await DoneAsync("head -c 100000 /dev/zero | tr '\\0' 'x'; echo; echo short");

        var lines = await Containers.LogsAsync(id, new() { Timestamps = timestamps }, Stop).ToListAsync(Stop);

        Assert.Equal([new string('x', 100000), "short"], lines.Select(l => l.Text));
    }

    [Fact]
    public async Task Following_shows_each_line_as_it_is_printed_and_ends_with_the_container()
    {
        var id = await host.RunAsync(Stop, "sh", "-c", "echo first; while [ ! -f /tmp/go ]; do sleep 0.05; done; echo second");
        List<string> seen = [];

        await foreach (var line in Containers.LogsAsync(id, new() { Follow = true }, Stop))
        {
            seen.Add(line.Text);
            if (line.Text == "first")
            {
                Assert.True((await Containers.FindAsync(id, Stop))!.IsRunning);
                await host.Engine.Exec.RunAsync(id, ["touch", "/tmp/go"], Stop);
            }
        }

        Assert.Equal(["first", "second"], seen);
        await host.UntilAsync(id, i => i.State == ContainerState.Exited, Stop);
    }

    [Fact]
    public async Task Following_stops_at_once_when_cancelled()
    {
        var id = await host.RunAsync(Stop, "sh", "-c", "echo up; sleep 60");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var line in Containers.LogsAsync(id, new() { Follow = true }, cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });

        await Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
    }

    [Fact]
    public async Task Tail_since_and_until_pick_a_part()
    {
        var id = await DoneAsync("for i in 1 2 3 4 5; do echo line $i; sleep 0.2; done");
        var all = await Containers.LogsAsync(id, new(), Stop).ToListAsync(Stop);

        Assert.Equal(["line 4", "line 5"], await Containers.LogsAsync(id, new() { Tail = 2 }, Stop).Select(l => l.Text).ToListAsync(Stop));
        Assert.Equal(["line 3", "line 4", "line 5"], await Containers.LogsAsync(id, new() { Since = all[2].At }, Stop).Select(l => l.Text).ToListAsync(Stop));
        Assert.Equal(["line 1", "line 2"], await Containers.LogsAsync(id, new() { Until = all[1].At!.Value.AddMilliseconds(100) }, Stop).Select(l => l.Text).ToListAsync(Stop));
    }

    [Fact]
    public async Task A_container_with_a_terminal_has_one_output_without_carriage_returns()
    {
        var id = await host.RunAsync(host.Spec("sh", "-c", "echo out; echo err >&2; printf 'caf\\303'; sleep 0.2; printf '\\251\\n'") with { Tty = true }, Stop);
        await Containers.WaitAsync(id, Stop);

        var lines = await Containers.LogsAsync(id, new(), Stop).ToListAsync(Stop);

        Assert.Equal(["out", "err", "café"], lines.Select(l => l.Text));
        Assert.All(lines, l => Assert.Equal(LogStream.Stdout, l.Stream));
        Assert.All(lines, l => Assert.NotNull(l.At));
    }

    [Fact]
    public async Task Fifty_thousand_lines_come_in_order_and_complete()
    {
        var id = await DoneAsync("seq 1 50000");
        var next = 1;

        await foreach (var line in Containers.LogsAsync(id, new(), Stop))
        {
            Assert.Equal($"{next++}", Encoding.ASCII.GetString(line.Bytes.Span));
        }

        Assert.Equal(50001, next);
    }

    private async Task<string> DoneAsync(string script)
    {
        var id = await host.RunAsync(Stop, "sh", "-c", script);
        await Containers.WaitAsync(id, Stop);
        return id;
    }

    private async Task<List<string>> TextsAsync(string id) => await Containers.LogsAsync(id, new(), Stop).Select(l => l.Text).ToListAsync(Stop);
}
