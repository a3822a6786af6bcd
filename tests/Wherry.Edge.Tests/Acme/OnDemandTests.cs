using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Acme.Rig;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Acme;

/// <summary>Hosts that nobody listed, with a real authority behind the policy.</summary>
public sealed class OnDemandTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _asked = new();
    private Pebble _pebble = null!;
    private Backend _web = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _pebble = await Pebble.StartAsync();
        _web = await Backend.StartAsync("web");
        _web.On("/allowed", http =>
        {
            _asked.Enqueue($"{http.Request.Host} {http.Request.QueryString}");
            http.Response.StatusCode = http.Request.Host.Host.StartsWith("good", StringComparison.Ordinal) ? 200 : 404;
            return http.Response.WriteAsync(new string('x', 1000));
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await _pebble.DisposeAsync();
    }

    [Fact]
    public async Task KP_096_The_service_is_asked_past_redirects_with_the_host_in_question_and_never_while_it_is_stopped()
    {
        using var log = new Heard();
        await using var edge = await AcmeEdge.StartAsync(_pebble, logging: log.Factory);
        await edge.Control.PutAsync(Service("/allowed"), Ct);

        using (var good = await TlsVisitor.CertificateAsync(edge, "good.customer.example"))
        {
            Assert.True(good.MatchesHostname("good.customer.example"));
        }

        await TlsVisitor.RefusedAsync(edge, "bad.customer.example");
        await TlsVisitor.RefusedAsync(edge, "bad.customer.example");
        await TlsVisitor.RefusedAsync(edge, "");
        await TlsVisitor.RefusedAsync(edge, "127.0.0.1");
        Assert.Equal(["good.customer.example ?host=good.customer.example", "bad.customer.example ?host=bad.customer.example"], _asked); // a no is remembered
        var denied = Assert.Single(log.Lines, l => l.Contains("bad.customer.example gets no certificate", StringComparison.Ordinal));
        Assert.Contains("404: " + new string('x', 256), denied, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('x', 257), denied, StringComparison.Ordinal);
        Assert.Equal(301, await edge.StatusAsync("http://good.customer.example/"));

        await edge.Control.PauseAsync();
        await TlsVisitor.RefusedAsync(edge, "good.paused.example");
        await edge.Control.ResumeAsync();
        await edge.Control.PutAsync(Service("/allowed") with { Targets = [] }, Ct);
        await TlsVisitor.RefusedAsync(edge, "good.stopped.example");
        Assert.Equal(2, _asked.Count);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(204, false)]
    [InlineData(302, false)]
    [InlineData(500, false)]
    public async Task KP_097_Only_200_of_another_is_a_yes_and_redirects_are_not_followed(int status, bool allowed)
    {
        await using var edge = await AcmeEdge.StartAsync(_pebble);
        await using var policy = await Backend.StartAsync("policy");
        policy.On("/ask", http =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = "/yes";
            _asked.Enqueue(http.Request.QueryString.Value!);
            return Task.CompletedTask;
        }).On("/yes", 200);
        await edge.Control.PutAsync(Service($"http://{policy.Address}:{policy.Port}/ask?key=1"), Ct);

        if (allowed)
        {
            using var certificate = await TlsVisitor.CertificateAsync(edge, "shop.customer.example");
        }
        else
        {
            await TlsVisitor.RefusedAsync(edge, "shop.customer.example");
        }

        Assert.Equal(["?key=1&host=shop.customer.example"], _asked);
        Assert.Equal(allowed ? 1 : 0, (await edge.Control.CertificatesAsync()).Count);
    }

    [Fact]
    public async Task KP_097_A_policy_that_does_not_answer_is_a_no_after_its_time()
    {
        await using var edge = await AcmeEdge.StartAsync(_pebble);
        await using var policy = await Backend.StartAsync("policy");
        policy.On("/ask", http => Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted));
        await edge.Control.PutAsync(Service($"http://{policy.Address}:{policy.Port}/ask"), Ct);

        var watch = Stopwatch.StartNew();
        await TlsVisitor.RefusedAsync(edge, "shop.customer.example");

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(9));
        Assert.Equal("web", await edge.GetAsync("http://shop.customer.example/"));
    }

    [Fact]
    public async Task KP_098_Nobody_is_asked_where_a_certificate_exists()
    {
        await using var edge = await AcmeEdge.StartAsync(_pebble);
        await edge.Control.PutAsync(Service("/allowed"), Ct);
        using var first = await TlsVisitor.CertificateAsync(edge, "good.customer.example");
        var orders = _pebble.Orders;
        _web.On("/allowed", 500);

        await edge.RestartAsync();
        using var again = await TlsVisitor.CertificateAsync(edge, "good.customer.example");
        await edge.Control.PutAsync(Service("/allowed") with { DrainFor = TimeSpan.FromSeconds(1) }, Ct); // a deployment keeps it
        using var later = await TlsVisitor.CertificateAsync(edge, "good.customer.example");

        Assert.Equal((first.Thumbprint, first.Thumbprint), (again.Thumbprint, later.Thumbprint));
        Assert.Equal((1, orders), (_asked.Count, _pebble.Orders));
        await edge.Control.PutAsync(Service(null), Ct); // nobody asks for it any more
        await TlsVisitor.RefusedAsync(edge, "good.customer.example");
        Assert.Empty(await edge.Control.CertificatesAsync());
    }

    [Fact]
    public async Task Visitors_who_come_together_wait_for_one_order_and_one_that_fails_is_not_tried_at_every_visit()
    {
        await using var edge = await AcmeEdge.StartAsync(_pebble);
        await edge.Control.PutAsync(Service("/allowed"), Ct);
        await _pebble.PointAsync("good.elsewhere.example", "127.0.0.9");

        var certificates = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TlsVisitor.CertificateAsync(edge, "good.customer.example")));
        Assert.Single(certificates.Select(c => c.Thumbprint).Distinct());
        Assert.Equal(1, _pebble.Orders);

        await TlsVisitor.RefusedAsync(edge, "good.elsewhere.example");
        var orders = _pebble.Orders;
        await edge.RestartAsync();
        await TlsVisitor.RefusedAsync(edge, "good.elsewhere.example");
        await TlsVisitor.RefusedAsync(edge, "good.elsewhere.example");
        Assert.Equal(orders, _pebble.Orders);
        Array.ForEach(certificates, c => c.Dispose());
    }

    [Theory]
    [InlineData("allowed", "tls.onDemand")]
    [InlineData("//elsewhere/allowed", "tls.onDemand")]
    [InlineData("ftp://policy.example/", "tls.onDemand")]
    [InlineData("http://user:secret@policy.example/", "tls.onDemand")]
    [InlineData("/a b", "tls.onDemand")]
    public async Task KP_099_KP_100_A_policy_that_cannot_be_asked_is_refused_by_the_edge_too(string policy, string named)
    {
        await using var edge = await AcmeEdge.StartAsync(_pebble);

        var problem = await EdgeControl.ProblemOfAsync(() => edge.Control.PutAsync(Service(policy), Ct));

        Assert.Equal("edge/service", problem.Code);
        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KP_099_Named_hosts_need_no_policy_and_a_policy_needs_automatic_certificates_and_an_authority()
    {
        await using var edge = await AcmeEdge.StartAsync(_pebble);
        await using var alone = await TestEdge.StartAsync();
        var named = Service("/allowed") with { Routes = [A.Route(_web.Port, "shop.example")] };

        Assert.Contains("all hosts are named", (await EdgeControl.ProblemOfAsync(() => edge.Control.PutAsync(named, Ct))).Message, StringComparison.Ordinal);
        Assert.Contains("only automatic", (await EdgeControl.ProblemOfAsync(() => edge.Control.PutAsync(Service("/allowed") with { Tls = new() { Source = TlsSource.Uploaded, OnDemand = "/allowed" } }, Ct))).Message, StringComparison.Ordinal);
        Assert.Equal("certificate/on-demand", (await EdgeControl.ProblemOfAsync(() => alone.Control.PutAsync(Service("/allowed"), Ct))).Code);
    }

    private EdgeService Service(string? policy) => A.Service(_web) with { Routes = [A.Route(_web.Port, host: null), A.Route(_web.Port, "*.wild.example")], Tls = policy is null ? null : new() { OnDemand = policy } };

    /// <summary>What the edge says.</summary>
    private sealed class Heard : ILoggerProvider, ILogger
    {
        public Heard() => Factory = LoggerFactory.Create(b => b.AddProvider(this));

        public ILoggerFactory Factory { get; }

        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
