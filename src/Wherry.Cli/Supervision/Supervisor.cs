using System.Diagnostics;
using System.Globalization;

namespace Wherry.Cli.Supervision;

/// <summary>Keeps server, edge and, where Wherry brought it, the engine running: what ends by itself is started again.</summary>
/// <param name="log">Told what happens, one line each.</param>
internal sealed class Supervisor(HomeFiles files, string program, TimeProvider time, TextWriter log) : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PortsEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan EngineEvery = TimeSpan.FromSeconds(5);

    private readonly EdgeSockets _sockets = new(files);

    /// <summary>Until <paramref name="stop"/>, which ends what it keeps, or <paramref name="leave"/>, which leaves it running for the next supervisor.</summary>
    public Task RunAsync(CancellationToken stop, CancellationToken leave) =>
        Task.WhenAll(KeepAsync("server", stop, leave), KeepAsync("edge", stop, leave), KeepEngineAsync(stop, leave), KeepPortsAsync(stop, leave));

    public void Dispose() => _sockets.Dispose();

    private async Task KeepAsync(string role, CancellationToken stop, CancellationToken leave)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, leave);
        var backOff = new BackOff();
        var pid = await AdoptAsync(role, either.Token);
        while (!either.IsCancellationRequested)
        {
            pid ??= Start(role);
            var started = time.GetTimestamp();
            try
            {
                await EndAsync(pid.Value, either.Token);
                var pause = backOff.After(time.GetElapsedTime(started));
                Say($"{role} ended; it starts again in {pause.TotalSeconds:0.0} s");
                pid = null;
                await Task.Delay(pause, time, either.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        if (stop.IsCancellationRequested && pid is { } running)
        {
            Say($"stopping {role}");
            await Processes.StopAsync(running, Grace, time, CancellationToken.None);
        }
    }

    /// <summary>A role that goes on from before, unless it runs another program than it should.</summary>
    private async Task<int?> AdoptAsync(string role, CancellationToken ct)
    {
        if (files.PidOf(role) is not { } pid)
        {
            return null;
        }

        if (role == "edge")
        {
            _sockets.Hold();
        }

        if (Processes.ProgramOf(pid) == program)
        {
            Say($"{role} runs already (process {pid})");
            return pid;
        }

        Say($"{role} (process {pid}) runs another version: it is replaced");
        await Processes.StopAsync(pid, Grace, time, ct);
        return null;
    }

    private int Start(string role)
    {
        var environment = new Dictionary<string, string>(HomeFiles.Environment(role));
        if (role == "edge")
        {
            _sockets.Hold();
            environment[EdgeSockets.Variable] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        }

        using var process = Processes.Start(program, files.Arguments(role), environment, files.Log(role));
        files.Remember(role, process.Id);
        Say($"{role} started (process {process.Id})");
        return process.Id;
    }

    /// <summary>The ports that services got meanwhile are held too.</summary>
    private async Task KeepPortsAsync(CancellationToken stop, CancellationToken leave)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, leave);
        using var timer = new PeriodicTimer(PortsEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(either.Token))
            {
                _sockets.Hold();
            }
        }
        catch (OperationCanceledException)
        {
            // The next supervisor takes them from the edge.
        }
    }

    private static async Task EndAsync(int pid, CancellationToken ct)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            await process.WaitForExitAsync(ct);
        }
        catch (ArgumentException)
        {
            // It ended before it could be watched.
        }
    }

    private async Task KeepEngineAsync(CancellationToken stop, CancellationToken leave)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, leave);
        using var timer = new PeriodicTimer(EngineEvery, time);
        try
        {
            do
            {
                if (File.Exists(files.EngineStarted) && File.Exists(files.EngineScript) && !await LocalEngine.AnswersAsync(either.Token))
                {
                    Say("the Docker Engine does not answer: starting it");
                    using var script = Process.Start(new ProcessStartInfo(files.EngineScript, ["up"]) { Environment = { ["WHERRY_HOME"] = files.Home } })!;
                    await script.WaitForExitAsync(either.Token);
                }
            }
            while (await timer.WaitForNextTickAsync(either.Token));
        }
        catch (OperationCanceledException)
        {
            // The engine is not ours to stop here: `bin/engine down` does, when it runs for Wherry alone.
        }
    }

    private void Say(string line) => log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ} {line}"));
}

/// <summary>Pauses between starts: twice as long each time, from half a second to half a minute; short again after a minute of peace.</summary>
internal sealed class BackOff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Peace = TimeSpan.FromMinutes(1);

    private TimeSpan _next = First;

    /// <param name="ran">How long it ran before it ended.</param>
    public TimeSpan After(TimeSpan ran)
    {
        var pause = ran >= Peace ? First : _next;
        _next = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, Longest.Ticks));
        return pause;
    }
}
