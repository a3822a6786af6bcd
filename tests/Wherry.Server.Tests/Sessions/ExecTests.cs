using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Wherry.Client;

namespace Wherry.Server.Tests.Sessions;

public sealed class ExecTests : SessionTests
{
    [Fact]
    public async Task UC_24_Outputs_come_apart_with_the_exit_code_variables_user_and_folder()
    {
        await SleeperAsync();

        var shell = await Shell.ExecAsync(Client, new ExecRequest(["sh", "-c", "echo $COLOUR $(pwd) $(id -u); echo err >&2; exit 42"], new Dictionary<string, string> { ["COLOUR"] = "sea 'green'" }, User: "7", WorkingDir: "/tmp"));

        Assert.Equal((42, "sea 'green' /tmp 7\n", "err\n"), (shell.Exit, shell.Text, shell.ErrorText));
    }

    [Fact]
    public async Task KM_19_Bytes_go_in_and_out_unchanged_and_the_end_of_the_input_is_told()
    {
        await SleeperAsync();
        var bytes = RandomNumberGenerator.GetBytes(1_500_001);

        var echoed = await Shell.ExecAsync(Client, new ExecRequest(["cat"]), bytes);
        Assert.Equal(0, echoed.Exit);
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(echoed.Output));

        var zeros = await Shell.ExecAsync(Client, new ExecRequest(["dd", "if=/dev/zero", "bs=512", "count=1"]));
        Assert.Equal(new byte[512], zeros.Output);
    }

    [Fact]
    public async Task Without_asking_for_input_a_command_that_reads_it_ends_at_once()
    {
        await SleeperAsync();

        Assert.Equal((0, ""), await Shell.ExecAsync(Client, new ExecRequest(["cat"])) is var s ? (s.Exit, s.Text) : default);
    }

    [Fact]
    public async Task UC_24_The_lowest_running_replica_is_taken_or_the_one_that_is_asked_for()
    {
        await Replicas.StartAsync("web", 3, "sh", "-c", "hostname three; sleep 600");
        await SleeperAsync(number: 10);
        await SleeperAsync(number: 2);
        var stopped = await SleeperAsync(number: 1);
        await Replicas.Engine.Containers.StopAsync(stopped, TimeSpan.Zero, Ct);

        Assert.Equal("2", await NumberAsync(null));
        Assert.Equal("10", await NumberAsync(10));
        var refused = await Assert.ThrowsAsync<ApiException>(() => NumberAsync(1));
        Assert.Equal("service/not-running", refused.Problem.Code);
        Assert.Contains("2, 3, 10", refused.Problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_entered_is_a_problem_with_a_reason()
    {
        Assert.Equal("service/not-running", await RefusedAsync("shop", "production", "web"));
        Assert.Equal("project/not-found", await RefusedAsync("nope", "production", "web"));
        Assert.Equal("environment/not-found", await RefusedAsync("shop", "nope", "web"));
        Assert.Equal("service/name", await RefusedAsync("shop", "production", "we b"));
        Assert.Equal("session/request", await RefusedAsync("shop", "production", "web", new ExecRequest([])));
        await SleeperAsync();
        Assert.Equal("variable/name", await RefusedAsync("shop", "production", "web", new ExecRequest(["true"], new Dictionary<string, string> { ["A B"] = "" })));
    }

    [Fact]
    public async Task UC_24_A_program_that_does_not_exist_ends_with_127_and_says_so()
    {
        await SleeperAsync();

        var shell = await Shell.ExecAsync(Client, new ExecRequest(["no-such-program"]));

        Assert.Equal(127, shell.Exit);
        Assert.Contains("no-such-program", shell.Text + shell.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_has_the_callers_size_and_follows_it()
    {
        await SleeperAsync();
        using var session = await Client.ExecAsync("shop", "production", "web", Ct);
        var sizes = Channel.CreateUnbounded<(int, int)>();
        var input = new System.IO.Pipelines.Pipe();
        using var output = new MemoryStream();
        var ended = SessionPump.RunAsync(session, new ExecRequest(["sh"], Tty: true, Input: true, Columns: 101, Rows: 33), input.Reader.AsStream(), output, Stream.Null, sizes.Reader.ReadAllAsync(Ct), Ct);

        await UntilSizeIsAsync("33 101");
        sizes.Writer.TryWrite((77, 11));
        await UntilSizeIsAsync("11 77");
        await input.Writer.WriteAsync("exit 5\n"u8.ToArray(), Ct);
        Assert.Equal(5, await ended);

        async Task UntilSizeIsAsync(string size)
        {
            for (var tries = 0; !Text(output).Contains(size, StringComparison.Ordinal); tries++)
            {
                Assert.True(tries < 100, Text(output));
                await input.Writer.WriteAsync("stty size\n"u8.ToArray(), Ct);
                await Task.Delay(100, Ct);
            }
        }
    }

    [Fact]
    public async Task A_caller_who_leaves_takes_the_command_with_him()
    {
        var id = await SleeperAsync();
        var session = await Client.ExecAsync("shop", "production", "web", Ct);
        using var output = new MemoryStream();
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var ended = SessionPump.RunAsync(session, new ExecRequest(["sh", "-c", "echo started; sleep 4711 & sleep 4712"]), Stream.Null, output, Stream.Null, null, leave.Token);
        await WaitAsync(() => Task.FromResult(Text(output).Contains("started", StringComparison.Ordinal)));
        Assert.Contains("sleep 4712", await ProcessesAsync(id), StringComparison.Ordinal);

        await leave.CancelAsync();
        session.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended);

        await WaitAsync(async () => await ProcessesAsync(id) is var left && !left.Contains("sleep 4711", StringComparison.Ordinal) && !left.Contains("sleep 4712", StringComparison.Ordinal));
        Assert.Contains("sleep 600", await ProcessesAsync(id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_needs_the_scope_deploy()
    {
        await SleeperAsync();
        using var reader = Home.WithToken((await Client.CreateTokenAsync(new CreateToken("reader", TokenScope.Read), Ct)).Secret);
        using var deployer = Home.WithToken((await Client.CreateTokenAsync(new CreateToken("deployer", TokenScope.Deploy), Ct)).Secret);
        using var nobody = Home.WithToken("wherry_nobody");

        Assert.Equal((403, "token/scope"), await RefusedAsync(reader));
        Assert.Equal((401, "token/unknown"), await RefusedAsync(nobody));
        Assert.Equal(0, (await Shell.ExecAsync(deployer, new ExecRequest(["true"]))).Exit);
    }

    private Task<string> SleeperAsync(int number = 1) => Replicas.StartAsync("web", number, "sleep", "600");

    private async Task<string> NumberAsync(int? replica)
    {
        var container = (await Shell.ExecAsync(Client, new ExecRequest(["hostname"], Replica: replica))).Text.Trim();
        return (await Replicas.ListAsync()).Single(c => c.Id.StartsWith(container, StringComparison.Ordinal)).Labels[Labels.Replica];
    }

    private async Task<string> ProcessesAsync(string id) => string.Join('\n', (await Replicas.Engine.Containers.TopAsync(id, Ct)).Rows.Select(r => string.Join(' ', r)));

    private async Task<string> RefusedAsync(string project, string environment, string service, ExecRequest? request = null)
    {
        using var session = await Client.ExecAsync(project, environment, service, Ct);
        return (await Assert.ThrowsAsync<ApiException>(() => SessionPump.RunAsync(session, request ?? new ExecRequest(["true"]), Stream.Null, Stream.Null, Stream.Null, null, Ct))).Problem.Code;
    }

    private static async Task<(int, string)> RefusedAsync(WherryClient client)
    {
        var e = await Assert.ThrowsAsync<ApiException>(() => client.ExecAsync("shop", "production", "web", Ct));
        return (e.Status, e.Problem.Code);
    }

    private static string Text(MemoryStream output) => Encoding.UTF8.GetString(output.ToArray());
}
