using System.Net;
using System.Net.Sockets;
using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Up;

/// <summary>Waits until what was started answers, and says why when it does not.</summary>
internal sealed class Readiness(Call call, HomeFiles files)
{
    private const int ToldLogLines = 12;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    /// <param name="program">The program that must be the one that answers; <see langword="null"/>: any.</param>
    /// <exception cref="ProblemException"><c>up/not-ready</c>.</exception>
    public Task ServerAsync(string? program, CancellationToken ct) => UntilAsync("server", async () =>
    {
        if (program is not null && (files.PidOf("server") is not { } pid || Processes.ProgramOf(pid) != program))
        {
            return false;
        }

        try
        {
            await call.Client.VersionAsync(ct);
            return true;
        }
        catch (ApiException e) when (e.Status == 0)
        {
            return false;
        }
    }, ct);

    /// <exception cref="ProblemException"><c>up/not-ready</c>.</exception>
    public Task EdgeAsync(int port, CancellationToken ct) => UntilAsync("edge", async () =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), ct);
            return (await call.Client.StatusAsync(ct)).EdgeAnswers;
        }
        catch (SocketException)
        {
            return false;
        }
    }, ct);

    /// <summary>A proxy in the edge's place has what it was told.</summary>
    /// <exception cref="ProblemException"><c>up/not-ready</c>.</exception>
    public async Task ProxyAsync(string? proxy, CancellationToken ct)
    {
        if (proxy is null)
        {
            return;
        }

        DoctorCheck? check = null;
        var start = call.World.Time.GetTimestamp();
        while ((check = (await call.Client.DoctorAsync(ct)).FirstOrDefault(c => c.Name == "edge")) is { State: "problem" })
        {
            if (call.World.Time.GetElapsedTime(start) > Within)
            {
                throw new Problem("up/not-ready", $"{EdgeChoice.NameOf(proxy)} does not serve what the edge tells it: {check.Finding}", check.Mend ?? "`wherry doctor` says more.").AsException();
            }

            await Task.Delay(Every, call.World.Time, ct);
        }
    }

    private async Task UntilAsync(string role, Func<Task<bool>> ask, CancellationToken ct)
    {
        var start = call.World.Time.GetTimestamp();
        while (!await ask())
        {
            if (call.World.Time.GetElapsedTime(start) > Within)
            {
                throw new Problem("up/not-ready", $"The {role} does not answer {Within.TotalSeconds:0} s after its start.{Tail(role)}", $"Mend what its log says ({files.Log(role)}, or `journalctl -u wherry-{role}`) and run `wherry up` again.").AsException();
            }

            await Task.Delay(Every, call.World.Time, ct);
        }
    }

    private string Tail(string role) => File.Exists(files.Log(role))
        ? " Its log ends:\n" + string.Join('\n', File.ReadLines(files.Log(role)).TakeLast(ToldLogLines).Select(l => "    " + l))
        : "";
}
