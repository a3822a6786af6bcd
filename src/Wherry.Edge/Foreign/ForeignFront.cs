using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Foreign;

/// <summary>Lets a foreign proxy serve what the edge decides: tells it each change, and looks after what it was told.</summary>
internal sealed partial class ForeignFront(IForeignProxy proxy, TimeProvider time, ILogger<ForeignFront> logger) : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TellWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TellAgainWithin = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _telling = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly LeavingTargets _leaving = new(proxy, time);
    private volatile ForeignState _told = ForeignState.Empty;
    private volatile ImmutableHashSet<string> _leftOut = [];
    private (IReadOnlyList<SavedService> Served, ImmutableHashSet<string> LeftOut) _before = ([], []);
    private volatile Problem? _problem;
    private Task _looking = Task.CompletedTask;

    /// <summary>Which proxy it is, and whether it does as it was told.</summary>
    public EdgeProxy State => new(proxy.Name, proxy.Address, EdgeProblem.Of(_problem ?? ForeignProblems.LeftOut(proxy, _leftOut)));

    /// <summary>Its name, where its own authority signs for internal names.</summary>
    public string? SignsItself => proxy.SignsItself ? proxy.Name : null;

    /// <summary>What an earlier run of the edge saved; <see cref="StartAsync"/> tells the proxy.</summary>
    public void Restore(IReadOnlyList<SavedService> services)
    {
        foreach (var saved in services)
        {
            foreach (var (what, _) in Refusals(saved))
            {
                LogLeftOut(saved.Key, proxy.Name, what);
            }
        }

        // Half of it may open what it closes.
        _leftOut = [.. services.Where(s => Refusals(s).Any()).Select(s => s.Key)];
        _told = new([.. services.Where(s => !_leftOut.Contains(s.Key))], []);
    }

    /// <summary>Compares what the proxy has with what it shall have, now and from then on.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        await LookAsync(ct);
        _looking = KeepLookingAsync(_stopping.Token);
    }

    /// <exception cref="ProblemException"><c>edge/unsupported</c>, <c>edge/proxy-away</c>, <c>edge/proxy-refused</c>.</exception>
    public async Task CheckAsync(string key, EdgeService service, CancellationToken ct)
    {
        // What is served already may go on with other targets, also when its certificate was lost meanwhile.
        var known = _told.Services.FirstOrDefault(s => s.Key == key)?.Service;
        var lost = known is not null && Followers.AreSecuredAlike(known, service) ? proxy.Refusals(known) : [];
        ForeignProblems.Refuse(proxy, key, proxy.Refusals(service).Except(lost));
        var served = _told.Services.Where(s => s.Key == key || service.TakesFrom?.Contains(s.Key) == true).SelectMany(s => s.Service.Routes).Select(r => r.Host).ToHashSet();
        await proxy.CheckAsync(service with { Routes = [.. service.Routes.Where(r => !served.Contains(r.Host))] }, ct); // told before anything is probed
    }

    /// <exception cref="ProblemException"><c>edge/unsupported</c>.</exception>
    public void Check(string key, Admission.State state) => ForeignProblems.Refuse(proxy, key, proxy.Refusals(state));

    /// <summary>When it returns, the proxy sends new requests nowhere else.</summary>
    /// <param name="services">All of them.</param>
    /// <param name="ct">Gives up before the proxy is told anything.</param>
    /// <exception cref="ProblemException"><c>edge/proxy-away</c>, <c>edge/proxy-refused</c>; all is as it was.</exception>
    public async Task ShowAsync(IReadOnlyList<SavedService> services, CancellationToken ct)
    {
        await _telling.WaitAsync(ct);
        try
        {
            IReadOnlyList<SavedService> served = [.. services.Where(s => !_leftOut.Contains(s.Key) || !Refusals(s).Any())]; // what is served stays, also when its certificate was lost
            var next = _leaving.Next(_told, served);
            try
            {
                await TellAsync(next, TellWithin, CancellationToken.None); // half told is worse than late
            }
            catch
            {
                await TellAgainAsync(CancellationToken.None); // it may have taken what it did not answer to
                throw;
            }

            _before = (_told.Services, _leftOut);
            _leftOut = _leftOut.Intersect(services.Except(served).Select(s => s.Key));
            Is(next);
            _problem = null;
        }
        finally
        {
            _telling.Release();
        }
    }

    /// <summary>Undoes the last <see cref="ShowAsync"/>. Where the proxy cannot be told now, the next look tells it.</summary>
    /// <param name="ct">Before it has begun: leaves things as they are. Then: leaves it to the next look.</param>
    public async Task TakeBackAsync(CancellationToken ct)
    {
        await _telling.WaitAsync(ct);
        try
        {
            var shown = _told.Services;
            Is(_leaving.Next(_told, _before.Served));
            _leaving.AreDone(ForeignState.TargetsOf(shown).Except(ForeignState.TargetsOf(_told.Services))); // nobody waits for them
            _leftOut = _before.LeftOut;
            await TellAgainAsync(ct);
        }
        finally
        {
            _telling.Release();
        }
    }

    /// <summary>Waits until the proxy works on nothing more for these targets, at the latest until <paramref name="atMost"/> is over.</summary>
    /// <param name="ct">Ends the waiting.</param>
    public Task<DrainResult> DrainAsync(IReadOnlyList<LiveTarget> targets, TimeSpan atMost, CancellationToken ct) => _leaving.DrainAsync(targets, atMost, ct);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _looking;
        proxy.Dispose();
        _stopping.Dispose();
    }

    /// <summary>What every look puts right from here on.</summary>
    private void Is(ForeignState state)
    {
        _leaving.Become(_told, state);
        _told = state;
    }

    /// <exception cref="ProblemException"><c>edge/proxy-away</c>, <c>edge/proxy-refused</c>.</exception>
    private async Task TellAsync(ForeignState state, TimeSpan within, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(within, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            await proxy.ApplyAsync(InForce(state), limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw ForeignProblems.Silent(proxy, within).AsException();
        }
    }

    private async Task TellAgainAsync(CancellationToken ct)
    {
        try
        {
            await TellAsync(_told, TellAgainWithin, ct);
            _problem = null;
        }
        catch (Exception e)
        {
            Found(e);
        }
    }

    private async Task KeepLookingAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(LookEvery, time, ct).ContinueWith(_ => { }, TaskScheduler.Default);
            await LookAsync(ct);
        }
    }

    /// <summary>Puts back what the proxy has lost, and what time has changed.</summary>
    private async Task LookAsync(CancellationToken ct)
    {
        using var late = new CancellationTokenSource(TellWithin, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            await _telling.WaitAsync(limit.Token);
            try
            {
                if (await proxy.ApplyAsync(InForce(_told), limit.Token))
                {
                    LogTold(proxy.Name, _told.Services.Count);
                }

                _problem = null;
            }
            finally
            {
                _telling.Release();
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The edge stops.
        }
        catch (Exception e)
        {
            Found(e); // the looking must go on: nothing else puts back what the proxy has lost
        }
    }

    private void Found(Exception exception)
    {
        var problem = ForeignProblems.Of(proxy, exception, TellWithin);
        if (_problem?.Code != problem.Code)
        {
            LogProblem(problem.Code, problem.Message);
        }

        _problem = problem;
    }

    /// <summary>With what has ended by itself.</summary>
    private ForeignState InForce(ForeignState state)
    {
        var now = time.GetUtcNow();
        return state with { Services = [.. state.Services.Select(s => now >= s.Until ? s with { Mode = ServiceMode.Running } : s)] };
    }

    private IEnumerable<Unsupported> Refusals(SavedService saved) =>
        proxy.Refusals(saved.Service).Concat(proxy.Refusals(saved.Admission));

    [LoggerMessage(Level = LogLevel.Information, Message = "{Proxy} was told what to serve: {Services} services")]
    private partial void LogTold(string proxy, int services);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Service} is not served: {Proxy} cannot do {What}")]
    private partial void LogLeftOut(string service, string proxy, string what);

    [LoggerMessage(Level = LogLevel.Error, Message = "The proxy that serves does not do as it is told ({Code}): {Reason}")]
    private partial void LogProblem(string code, string reason);
}
