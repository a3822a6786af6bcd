using System.Globalization;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Builds;

/// <summary>Runs builds within their limits of processors, memory and time. The limits stand while a build of this Wherry runs, and only then.</summary>
internal sealed partial class BuildGuard(Engine engine, ServerOptions options, TimeProvider time, ILogger<BuildGuard> logger)
{
    private static readonly string[] WordsOfAKill = ["137", "Killed", "SIGKILL", "out of memory", "allocate memory", "MemoryError", "OutOfMemory", "bad_alloc"];

    private static readonly TimeSpan ApplyEvery = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly BuildControlGroup _group = new("/sys/fs/cgroup", options.BuildLimits.ControlGroup);
    private int _running;
    private bool _told;

    /// <exception cref="ProblemException"><c>build/timeout</c>, <c>build/out-of-memory</c>, and what the build says.</exception>
    public async Task<string> RunAsync(Func<CancellationToken, Task<string>> build, CancellationToken ct)
    {
        var info = await engine.InfoAsync(ct);
        var (cpus, memory) = engine.IsHere(info) ? (options.BuildLimits.CpusOf(info.Cpus), options.BuildLimits.MemoryOf(info.Memory)) : (null, null);
        using var limit = new CancellationTokenSource(options.BuildLimits.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Enter(cpus, memory);
        var before = _group.MemoryFailures();
        var holding = HoldAsync(cpus, memory, ended.Token);
        try
        {
            return await build(both.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Problem("build/timeout", string.Create(CultureInfo.InvariantCulture, $"The build did not end within {options.BuildLimits.Timeout.TotalMinutes:0.##} min and was stopped."), "Make it shorter, or give builds more time: `wherry server --build-timeout 1h`.").AsException();
        }
        catch (ProblemException e) when (e.Problem.Code == "build/failed" && memory is not null && _group.MemoryFailures() > before && TellsOfAKill(e.Problem.Message))
        {
            throw new Problem("build/out-of-memory", $"Builds may use {memory} of memory together; this one wanted more and was killed. {e.Problem.Message}", "Let it use less (fewer parallel jobs, a smaller heap), or give builds more: `wherry server --build-memory 4g`. Nothing else was harmed.").AsException(e);
        }
        finally
        {
            await ended.CancelAsync();
            await holding;
            Leave();
        }
    }

    /// <summary>Meeting the limit alone says little: file caches do too, and are given up.</summary>
    private static bool TellsOfAKill(string message) => WordsOfAKill.Any(w => message.Contains(w, StringComparison.OrdinalIgnoreCase));

    /// <summary>Steps that have a group of their own are limited as they appear.</summary>
    private async Task HoldAsync(double? cpus, ByteSize? memory, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(ApplyEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                Apply(cpus, memory);
            }
        }
        catch (OperationCanceledException)
        {
            // The build has ended.
        }
    }

    private void Enter(double? cpus, ByteSize? memory)
    {
        lock (_lock)
        {
            _running++;
        }

        Apply(cpus, memory);
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_running == 0)
            {
                Try(_group.Lift);
            }
        }
    }

    private void Apply(double? cpus, ByteSize? memory)
    {
        if (cpus is not null || memory is not null)
        {
            Try(() => _group.Limit(cpus, memory));
        }
    }

    /// <summary>A build without limits is better than none, and is said once.</summary>
    private void Try(Action change)
    {
        try
        {
            change();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_told)
            {
                _told = true;
                LogUnlimited(e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Builds run without limits of processors and memory: {Why}")]
    private partial void LogUnlimited(string why);
}
