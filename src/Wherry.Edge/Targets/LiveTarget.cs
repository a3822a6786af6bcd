using System.Net;
using System.Security.Cryptography;
using System.Text;
using Wherry.Core.Routing;

namespace Wherry.Edge.Targets;

/// <summary>One replica that takes or took traffic: who is using it, and whether it is well.</summary>
internal sealed class LiveTarget : IDisposable
{
    private static long _serial;

    private readonly CancellationTokenSource _cut = new();
    private readonly CancellationTokenSource _retired = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _connectionsLock = new();
    private readonly HashSet<IDisposable> _connections = [];
    private readonly int _ejectAfter;
    private int _inFlight;
    private int _finishedWhileDraining;
    private int _failures;
    private volatile bool _draining;
    private volatile string? _lastError;
    private volatile bool _ejected;
    private bool _closed;

    public LiveTarget(Target target, EdgeService service, int ejectAfter)
    {
        Id = target.Id;
        Address = target.Address;
        StickyValue = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(target.Id)))[..16];
        IP = IPAddress.Parse(target.Address);
        Probe = ProbePlan.Of(service, target);
        _ejectAfter = ejectAfter;

        // A pool of connections is named by host and port; a name of its own keeps this target's connections apart
        // from those of an earlier one at the same address.
        PoolName = $"target-{Interlocked.Increment(ref _serial)}";
        Cut = _cut.Token;
        Retired = _retired.Token;
    }

    public string Id { get; }

    public string Address { get; }

    public IPAddress IP { get; }

    /// <summary>Host name under which the connections to this target are pooled.</summary>
    public string PoolName { get; }

    /// <summary>What a visitor's cookie holds that is to come back to this target; does not tell its id.</summary>
    public string StickyValue { get; }

    /// <summary>How it is probed; a redeploy may change it.</summary>
    public ProbePlan Probe { get; set; }

    /// <summary>Cancelled when the drain time is over: ends the requests that are still in flight.</summary>
    public CancellationToken Cut { get; }

    /// <summary>Cancelled when traffic was switched away: ends the watch over its health.</summary>
    public CancellationToken Retired { get; }

    public bool Draining => _draining;

    /// <summary>In the rotation.</summary>
    public bool Healthy => !_ejected && Outlier?.IsOut is not true;

    /// <summary>Judges it by its answers; <see langword="null"/>: nobody does. A redeploy may change it.</summary>
    public OutlierWatch? Outlier { get; set; }

    public string? LastError => _lastError;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Ends when it is draining and nothing is in flight.</summary>
    public Task Idle => _idle.Task;

    /// <summary>Requests that were in flight when the drain began and ended by themselves.</summary>
    public int FinishedWhileDraining => Volatile.Read(ref _finishedWhileDraining);

    /// <summary>Registers a request. False once draining: the caller reads the route table again.</summary>
    /// <remarks>The count goes up before the flag is read, and the drain sets the flag before it reads the count: one of the two sees the other.</remarks>
    public bool TryClaim()
    {
        Interlocked.Increment(ref _inFlight);
        if (!_draining)
        {
            return true;
        }

        LeaveAndSignal();
        return false;
    }

    /// <summary>The request is over, as far as this target is concerned.</summary>
    public void Release()
    {
        if (_draining && !Cut.IsCancellationRequested)
        {
            Interlocked.Increment(ref _finishedWhileDraining);
        }

        LeaveAndSignal();
    }

    /// <summary>Refuses new requests from here on.</summary>
    public void StopTaking()
    {
        _draining = true;
        Interlocked.MemoryBarrier();
        _retired.Cancel();
        SignalWhenIdle();
    }

    /// <summary>Ends what is still in flight.</summary>
    public void CutInFlight() => _cut.Cancel();

    public void Passed()
    {
        _lastError = null;
        Volatile.Write(ref _failures, 0);
        _ejected = false;
    }

    /// <returns>For how long it is out of the rotation, when this answer was one too many.</returns>
    public TimeSpan? Answered(bool failed)
    {
        var outFor = Outlier?.Answered(failed);
        _lastError = outFor is null ? _lastError : $"{Outlier!.Rule.Failures} answers in a row failed";
        return outFor;
    }

    /// <returns>True when this failure took the target out of the rotation.</returns>
    public bool Failed(string why)
    {
        _lastError = why;
        if (Interlocked.Increment(ref _failures) < _ejectAfter || _ejected)
        {
            return false;
        }

        _ejected = true;
        return true;
    }

    /// <summary>Keeps a connection to close it when the target is given up.</summary>
    public bool Own(IDisposable connection)
    {
        lock (_connectionsLock)
        {
            return !_closed && _connections.Add(connection);
        }
    }

    public void Disown(IDisposable connection)
    {
        lock (_connectionsLock)
        {
            _connections.Remove(connection);
        }
    }

    /// <summary>Closes every connection, so that a replica that is told to stop need not wait for them.</summary>
    public void Dispose()
    {
        IDisposable[] open;
        lock (_connectionsLock)
        {
            _closed = true;
            open = [.. _connections];
            _connections.Clear();
        }

        foreach (var connection in open)
        {
            connection.Dispose();
        }

        _retired.Cancel();
    }

    public TargetState ToState() => new(Id, Address, Healthy, Draining, InFlight, LastError);

    private void LeaveAndSignal()
    {
        if (Interlocked.Decrement(ref _inFlight) == 0 && _draining)
        {
            SignalWhenIdle();
        }
    }

    private void SignalWhenIdle()
    {
        if (Volatile.Read(ref _inFlight) == 0)
        {
            _idle.TrySetResult();
        }
    }
}
