using System.Runtime.CompilerServices;
using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>One Docker Engine. Thread-safe; keep one per engine for the life of the process.</summary>
/// <remarks>Nothing is sent before the first call. Every call throws <see cref="ProblemException"/> with <c>docker/unreachable</c> when the
/// engine does not answer, and <c>docker/version-too-old</c> when no common API version exists.</remarks>
public sealed class Engine : IDisposable
{
    private readonly EngineConnection _connection;

    /// <param name="time">Clock for waiting; default the system's.</param>
    public Engine(EngineEndpoint endpoint, TimeProvider? time = null)
    {
        var clock = time ?? TimeProvider.System;
        Endpoint = endpoint;
        _connection = new(endpoint);
        Containers = new(_connection);
        Images = new(_connection);
        Networks = new(_connection);
        Volumes = new(_connection);
        Exec = new(_connection, clock);
        Builds = new(_connection, clock);
    }

    public EngineEndpoint Endpoint { get; }

    public EngineContainers Containers { get; }

    public EngineImages Images { get; }

    public EngineNetworks Networks { get; }

    public EngineVolumes Volumes { get; }

    public EngineExec Exec { get; }

    public EngineBuilds Builds { get; }

    /// <summary>Whether an engine answers within 5 s, of whatever version.</summary>
    public Task<bool> AnswersAsync(CancellationToken ct) => _connection.AnswersAsync(ct);

    public async Task<EngineVersion> VersionAsync(CancellationToken ct) => (await _connection.NegotiatedAsync(ct)).Version;

    public async Task<EngineInfo> InfoAsync(CancellationToken ct) =>
        (await _connection.ReadAsync(EngineRequest.Get("info", Subject.Engine), DockerJson.Default.InfoWire, ct)).ToInfo();

    /// <summary>The engine runs on this machine: what the kernel tells here is true for its containers too.</summary>
    public bool IsHere(EngineInfo info) => Endpoint.IsLocal && info.Name == Environment.MachineName;

    /// <summary>What the engine's objects take on its disk. The engine measures every volume for this: seconds on a busy host.</summary>
    public async Task<DiskUse> DiskUseAsync(CancellationToken ct) =>
        (await _connection.ReadAsync(EngineRequest.Get("system/df", Subject.Engine), DockerJson.Default.DiskUseWire, ct)).ToDiskUse();

    /// <summary>Engine events from <paramref name="since"/> (default: now) on, until cancelled. Never completes by itself.</summary>
    /// <exception cref="ProblemException"><c>docker/unreachable</c> when the stream ends; follow again from the last event's time.</exception>
    public async IAsyncEnumerable<EngineEvent> EventsAsync(DateTimeOffset? since, EventFilter filter, [EnumeratorCancellation] CancellationToken ct)
    {
        var query = new Query().Add("since", since is { } start ? EngineTime.Seconds(start) : null).Add("filters", filter.ToFilters());
        await foreach (var e in _connection.StreamAsync(EngineRequest.Get($"events{query}", Subject.Engine), DockerJson.Default.EventWire, ct))
        {
            yield return e.ToEvent();
        }

        throw EngineProblems.Unreachable(Endpoint, new EndOfStreamException("the engine ended the event stream")).AsException();
    }

    public void Dispose()
    {
        Networks.Dispose();
        _connection.Dispose();
    }
}
