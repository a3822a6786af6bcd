using System.Data.Common;
using System.Globalization;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Server.Deployments;
using Wherry.Server.Events;
using Wherry.Server.Store;

namespace Wherry.Server.Certificates;

/// <summary>Asks the edge how its certificates are, and records when one begins to fail or to end, and when it is well again: once each time.</summary>
internal sealed partial class CertificateWatch(EdgeClient edge, EventLog events, TimeProvider time, ILogger<CertificateWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<(string Name, bool Automatic), CertificateCondition> _said = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is ProblemException or IOException or DbException or UnauthorizedAccessException)
            {
                LogLater(e); // the edge may be away for a moment, or the disk full: neither may end the server
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public override void Dispose()
    {
        _one.Dispose();
        base.Dispose();
    }

    /// <summary>One look; one after the other, so that an older one says nothing behind a newer.</summary>
    /// <exception cref="ProblemException">The edge does not answer.</exception>
    internal async Task LookAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            var states = await edge.CertificatesAsync(ct);
            foreach (var state in states)
            {
                await SayAsync(state, ct);
            }

            var names = states.Select(s => (s.Name, s.Automatic)).ToHashSet();
            foreach (var gone in _said.Keys.Where(k => !names.Contains(k)).ToList())
            {
                _said.Remove(gone);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task SayAsync(CertificateState state, CancellationToken ct)
    {
        var before = _said.GetValueOrDefault((state.Name, state.Automatic), CertificateCondition.Good);
        if (KindOf(state.Condition) is not { } kind || kind == KindOf(before))
        {
            return;
        }

        await events.RecordAsync(TeamId.Default, new EventEntry(Actors.Wherry, kind, state.Name) { Before = before.ToString().ToLowerInvariant(), After = Words(state) }, ct);
        _said[(state.Name, state.Automatic)] = state.Condition;
    }

    /// <summary><see langword="null"/> while it is not known yet how it goes.</summary>
    private static string? KindOf(CertificateCondition condition) => condition switch
    {
        CertificateCondition.Good => EventKinds.CertificateOk,
        CertificateCondition.Expiring => EventKinds.CertificateExpiring,
        CertificateCondition.Expired => EventKinds.CertificateExpired,
        CertificateCondition.Failing or CertificateCondition.Unusable => EventKinds.CertificateFailing,
        _ => null,
    };

    private static string Words(CertificateState state) => string.Create(
        CultureInfo.InvariantCulture,
        $"{state.Problem ?? "it is good"}{(state.NotAfter == default ? "" : $"; until {state.NotAfter.UtcDateTime:yyyy-MM-dd HH:mm}")}{(state.NextAttempt is { } next ? $"; next attempt {next.UtcDateTime:yyyy-MM-dd HH:mm:ss}" : "")}");

    [LoggerMessage(Level = LogLevel.Debug, Message = "The certificates could not be looked at; the next look is in a minute")]
    private partial void LogLater(Exception exception);
}
