using System.Security.Cryptography;
using System.Text;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

public sealed class ExecTests(DockerHost host) : IAsyncLifetime
{
    private string _id = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private EngineExec Exec => host.Engine.Exec;

    public async ValueTask InitializeAsync() => _id = await host.RunAsync(Stop, "sleep", "600");

    public async ValueTask DisposeAsync() => await host.Engine.Containers.RemoveAsync(_id, TimeSpan.Zero, removeAnonymousVolumes: true, CancellationToken.None);

    [Fact]
    public async Task A_command_gives_its_outputs_apart_and_its_exit_code()
    {
        var result = await Exec.RunAsync(_id, ["sh", "-c", "echo out; echo err >&2; exit 42"], Stop);

        Assert.Equal(new ExecResult(42, "out\n", "err\n", IsCut: false), result);
    }

    [Fact]
    public async Task Environment_folder_and_user_are_set()
    {
        await using var session = await Exec.StartAsync(_id, new()
        {
            Command = ["sh", "-c", "echo $COLOUR $(pwd) $(id -u)"],
            Environment = new Dictionary<string, string> { ["COLOUR"] = "sea green" },
            WorkingDir = "/tmp",
            User = "nobody",
        }, Stop);

        Assert.Equal("sea green /tmp 65534\n", Encoding.UTF8.GetString((await OutputAsync(session)).Out));
    }

    [Fact]
    public async Task Arguments_are_never_read_by_a_shell()
    {
        var result = await Exec.RunAsync(_id, ["echo", "$(id); `id` && 'x'\n\"y\""], Stop);

        Assert.Equal("$(id); `id` && 'x'\n\"y\"\n", result.Stdout);
    }

    [Fact]
    public async Task Five_hundred_and_twelve_zero_bytes_stay_five_hundred_and_twelve_zero_bytes()
    {
        await using var session = await Exec.StartAsync(_id, new() { Command = ["dd", "if=/dev/zero", "bs=512", "count=1"] }, Stop);

        Assert.Equal(new byte[512], (await OutputAsync(session)).Out);
        Assert.Equal(0, await session.ExitCodeAsync(Stop));
    }

    [Fact]
    public async Task A_megabyte_of_noise_goes_in_and_comes_back_byte_for_byte()
    {
        var noise = RandomNumberGenerator.GetBytes(1024 * 1024);
        await using var session = await Exec.StartAsync(_id, new() { Command = ["cat"], AttachStdin = true }, Stop);
        var output = OutputAsync(session);

        await session.WriteAsync(noise, Stop);
        await session.CloseInputAsync();

        Assert.Equal(noise, (await output).Out);
        Assert.Equal(0, await session.ExitCodeAsync(Stop));
    }

    [Fact]
    public async Task Closing_the_input_lets_a_command_finish_that_prints_only_then()
    {
        var noise = RandomNumberGenerator.GetBytes(3_000_001);
        await using var session = await Exec.StartAsync(_id, new() { Command = ["md5sum"], AttachStdin = true }, Stop);

        await session.WriteAsync(noise, Stop);
        await session.CloseInputAsync();

#pragma warning disable CA5351 // busybox's md5sum is the witness, nothing is protected by it.
        Assert.Equal($"{Convert.ToHexStringLower(MD5.HashData(noise))}  -\n", Encoding.ASCII.GetString((await OutputAsync(session)).Out));
#pragma warning restore CA5351
    }

    [Fact]
    public async Task A_terminal_has_the_size_it_is_told_and_passes_bytes_raw()
    {
        await using var session = await Exec.StartAsync(_id, new() { Command = ["sh", "-c", "stty -echo; read go; stty size; stty raw; head -c 256 | od -An -v -tx1 | tr -d ' \\r\\n'"], AttachStdin = true, Tty = true }, Stop);
        await session.ResizeAsync(132, 43, Stop);
        await session.WriteAsync("go\n"u8.ToArray(), Stop);
        var text = new StringBuilder();
        var every = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var sent = false;

        await foreach (var chunk in session.ReadAsync(Stop))
        {
            Assert.Equal(LogStream.Stdout, chunk.Stream);
            text.Append(Encoding.ASCII.GetString(chunk.Bytes.Span));
            if (!sent && text.ToString().Contains("43 132", StringComparison.Ordinal))
            {
                sent = true;
                // The terminal turns raw a moment after it printed its size.
                await Task.Delay(300, Stop);
                await session.WriteAsync(every, Stop);
            }
        }

        Assert.Contains("43 132\r\n", text.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(Convert.ToHexStringLower(every), text.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await session.ExitCodeAsync(Stop));
    }

    [Fact]
    public async Task Output_beyond_the_cap_is_dropped_but_read_to_its_end()
    {
        var result = await Exec.RunAsync(_id, ["sh", "-c", "seq 1 200000; echo end >&2; exit 3"], Stop, maxBytes: 100);

        Assert.Equal((3, 100, "end\n", true), (result.ExitCode, result.Stdout.Length, result.Stderr, result.IsCut));
    }

    [Fact]
    public async Task Input_for_a_command_that_ended_is_a_problem_and_its_output_is_not_lost()
    {
        await using var session = await Exec.StartAsync(_id, new() { Command = ["sh", "-c", "echo bye; exit 9"], AttachStdin = true }, Stop);
        Assert.Equal(9, await session.ExitCodeAsync(Stop));
        var e = await Assert.ThrowsAsync<ProblemException>(async () =>
        {
            for (var i = 0; i < 1000; i++)
            {
                await session.WriteAsync(new byte[64 * 1024], Stop);
            }
        });

        Assert.Equal("exec/ended", e.Problem.Code);
        Assert.Equal("bye\n", Encoding.ASCII.GetString((await OutputAsync(session)).Out));
    }

    [Fact]
    public async Task A_container_that_stopped_takes_no_commands()
    {
        var id = await host.RunAsync(Stop, "true");
        await host.Engine.Containers.WaitAsync(id, Stop);

        var e = await Assert.ThrowsAsync<ProblemException>(() => Exec.RunAsync(id, ["true"], Stop));

        Assert.Equal("docker/conflict", e.Problem.Code);
    }

    [Fact]
    public async Task A_program_that_is_missing_is_a_failed_command()
    {
        var result = await Exec.RunAsync(_id, ["no-such-program"], Stop);

        Assert.Contains(result.ExitCode, (int[])[126, 127]);
        Assert.Contains("no-such-program", result.Stdout + result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_one_off_container_reads_its_input_to_the_end_and_gives_its_exit_code()
    {
        var noise = RandomNumberGenerator.GetBytes(500_000);
        var id = await host.Engine.Containers.CreateAsync(host.Spec("sh", "-c", "cat; echo done >&2; exit 6") with { OpenStdin = true }, Stop);
        await using var session = await host.Engine.Containers.AttachAsync(id, Stop);
        await host.Engine.Containers.StartAsync(id, Stop);
        var output = OutputAsync(session);

        await session.WriteAsync(noise, Stop);
        await session.CloseInputAsync();

        var (stdout, stderr) = await output;
        Assert.Equal(noise, stdout);
        Assert.Equal("done\n", Encoding.ASCII.GetString(stderr));
        Assert.Equal(6, await session.ExitCodeAsync(Stop));
    }

    private static async Task<(byte[] Out, byte[] Error)> OutputAsync(ExecSession session)
    {
        using MemoryStream stdout = new(), stderr = new();
        await foreach (var chunk in session.ReadAsync(Stop))
        {
            (chunk.Stream == LogStream.Stdout ? stdout : stderr).Write(chunk.Bytes.Span);
        }

        return (stdout.ToArray(), stderr.ToArray());
    }
}
