using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Foreign;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign;

/// <summary>What the edge does about a proxy that answers in ways in which a real one cannot be made to answer at will.</summary>
public sealed class ForeignFrontTests : IAsyncDisposable
{
    private readonly Scripted _proxy = new();
    private readonly ForeignFront _front;

    public ForeignFrontTests() => _front = new(_proxy, TimeProvider.System, NullLogger<ForeignFront>.Instance);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_taken_without_an_answer_is_taken_back()
    {
        await _front.ShowAsync([Saved("web", "old", "10.0.0.1")], Ct);
        _proxy.Takes = true;
        _proxy.Fails = 1;

        await Assert.ThrowsAsync<ProblemException>(() => _front.ShowAsync([Saved("web", "next", "10.0.0.2")], Ct));

        Assert.Equal(["old"], _proxy.Serves);
        Assert.Null(_front.State.Problem);
    }

    [Fact]
    public async Task What_could_not_be_saved_is_taken_back_though_the_proxy_goes_away_meanwhile()
    {
        await _front.ShowAsync([Saved("web", "old", "10.0.0.1")], Ct);
        await _front.ShowAsync([Saved("web", "next", "10.0.0.2")], Ct);
        _proxy.Fails = 1;

        await _front.TakeBackAsync(Ct);
        Assert.Equal("edge/proxy-away", _front.State.Problem?.Code);

        await _front.StartAsync(Ct); // a look
        Assert.Equal(["old"], _proxy.Serves);
        Assert.Equal([new IPEndPoint(IPAddress.Parse("10.0.0.2"), 3000)], _proxy.State.Leaving);
        Assert.Null(_front.State.Problem);

        await _front.ShowAsync([Saved("web", "old", "10.0.0.1")], Ct);
        Assert.Empty(_proxy.State.Leaving); // nobody waits for it
    }

    [Fact]
    public async Task A_service_whose_certificate_was_lost_is_served_on_at_somebody_elses_deployment_and_may_be_deployed_itself()
    {
        var web = Saved("web", "old", "10.0.0.1");
        await _front.ShowAsync([web], Ct);
        _proxy.Cannot = A.Host;

        await _front.ShowAsync([web, Saved("other", "other", "10.0.0.9", host: "other.test")], Ct);
        Assert.Equal(["old", "other"], _proxy.Serves);
        await _front.CheckAsync("web", web.Service with { Targets = [new("next", "10.0.0.2")] }, Ct);
        Assert.Null(_front.State.Problem);

        await Assert.ThrowsAsync<ProblemException>(() => _front.CheckAsync("web", web.Service with { Routes = [.. web.Service.Routes, A.Route(3000, "more.test")] }, Ct));
        await Assert.ThrowsAsync<ProblemException>(() => _front.CheckAsync("new", web.Service, Ct));
    }

    [Fact]
    public async Task A_service_that_was_left_out_at_the_start_is_named_until_it_is_deployed_otherwise()
    {
        _proxy.Cannot = A.Host;
        var (web, other) = (Saved("web", "old", "10.0.0.1"), Saved("other", "other", "10.0.0.9", host: "other.test"));
        _front.Restore([web, other]);
        await _front.StartAsync(Ct);
        Assert.Equal(["other"], _proxy.Serves);
        Assert.Equal("edge/unsupported", _front.State.Problem?.Code);
        Assert.EndsWith(": web.", _front.State.Problem?.Message, StringComparison.Ordinal);

        await _front.ShowAsync([web], Ct);
        Assert.Empty(_proxy.Serves);
        Assert.Equal("edge/unsupported", _front.State.Problem?.Code);

        await _front.ShowAsync([Saved("web", "next", "10.0.0.2", host: "other.test")], Ct);
        Assert.Equal(["next"], _proxy.Serves);
        Assert.Null(_front.State.Problem);

        await _front.TakeBackAsync(Ct);
        Assert.Empty(_proxy.Serves);
        Assert.Equal("edge/unsupported", _front.State.Problem?.Code);
    }

    [Fact]
    public async Task Two_services_at_one_address_drain_each_for_itself()
    {
        var (web, api) = (Saved("web", "web1", "10.0.0.1", 3000), Saved("api", "api1", "10.0.0.1", 4000, "api.test"));
        _proxy.InFlight = new() { [Endpoint(3000)] = 0, [Endpoint(4000)] = 2 };
        await _front.ShowAsync([web, api], Ct);
        await _front.ShowAsync([], Ct);
        using var old = new LiveTarget(web.Service.Targets[0], web.Service, 0);
        using var other = new LiveTarget(api.Service.Targets[0], api.Service, 0);

        var drain = await _front.DrainAsync([old], TimeSpan.FromSeconds(10), Ct);
        Assert.Equal((0, 0), (drain.Finished, drain.Cut));
        Assert.InRange(drain.Took, TimeSpan.Zero, TimeSpan.FromSeconds(5));

        await _front.ShowAsync([], Ct);
        Assert.Equal([Endpoint(4000)], _proxy.State.Leaving);
        Assert.Equal(2, (await _front.DrainAsync([other], TimeSpan.FromMilliseconds(500), Ct)).Cut);

        static IPEndPoint Endpoint(int port) => new(IPAddress.Parse("10.0.0.1"), port);
    }

    public async ValueTask DisposeAsync() => await _front.DisposeAsync();

    private static SavedService Saved(string key, string target, string address, int port = 3000, string host = A.Host) =>
        new(key, new() { Routes = [A.Route(port, host)], Targets = [new(target, address)] }, ServiceMode.Running, null, TimeSpan.Zero);

    private sealed class Scripted : IForeignProxy
    {
        public ForeignState State { get; private set; } = ForeignState.Empty;

        public IEnumerable<string> Serves => State.Services.SelectMany(s => s.Service.Targets).Select(t => t.Id);

        /// <summary>How many of the next calls fail.</summary>
        public int Fails { get; set; }

        /// <summary>Whether it does nevertheless what it was told.</summary>
        public bool Takes { get; set; }

        public string Name => "Scripted";

        public string Address => "here";

        public bool SignsItself => false;

        /// <summary>What it works on. Default: it does not tell.</summary>
        public Dictionary<IPEndPoint, int>? InFlight { get; set; }

        /// <summary>A host that it has no certificate for.</summary>
        public string? Cannot { get; set; }

        public IEnumerable<Unsupported> Refusals(EdgeService service) => service.Routes.Any(r => r.Host?.Value == Cannot) ? [new("tls without a certificate")] : [];

        public IEnumerable<Unsupported> Refusals(Admission.State state) => [];

        public Task CheckAsync(EdgeService service, CancellationToken ct) => Task.CompletedTask;

        public Task<bool> ApplyAsync(ForeignState state, CancellationToken ct)
        {
            var fails = Fails-- > 0;
            if (!fails || Takes)
            {
                State = state;
            }

            return fails ? throw new Problem("edge/proxy-away", "It does not answer.", "Wait.").AsException() : Task.FromResult(true);
        }

        public Task LeaveAsync(CancellationToken ct) => Task.CompletedTask;

        public Task<IReadOnlyDictionary<IPEndPoint, int>?> InFlightAsync(CancellationToken ct) => Task.FromResult<IReadOnlyDictionary<IPEndPoint, int>?>(InFlight);

        public void Dispose()
        {
        }
    }
}
