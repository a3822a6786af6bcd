using System.Security.Cryptography.X509Certificates;
using Wherry.Core.Problems;
using Wherry.Edge.Acme.Orders;
using Wherry.Edge.Acme.Solving;
using Wherry.Edge.Tests.Acme.Rig;

namespace Wherry.Edge.Tests.Acme;

/// <summary>Certificates from a real authority, by HTTP-01 and TLS-ALPN-01.</summary>
public sealed class IssuingTests(IssuingTests.Authority authority) : IClassFixture<IssuingTests.Authority>, IDisposable
{
    private readonly TestHome _home = new();
    private readonly Pebble _pebble = authority.Pebble;
    private readonly Responder _edge = authority.Edge;

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("http-01")]
    [InlineData("tls-alpn-01")]
    public async Task A_name_gets_a_certificate_though_every_second_nonce_is_rejected(string way)
    {
        using var issuing = Start(way);

        var certificate = await issuing.Orders.IssueAsync(Issuing.Names("shop.example"), CancellationToken.None);

        Assert.Equal(["shop.example"], Issuing.NamesIn(certificate));
        using var pair = X509Certificate2.CreateFromPem(certificate.Chain, certificate.Key);
        Assert.True(pair.HasPrivateKey);
        Assert.Contains("Configured to reject 50% of good nonces", _pebble.Output);
        await AssertTrustedAsync(certificate);
    }

    [Fact]
    public async Task Several_names_share_a_certificate()
    {
        using var issuing = Start("http-01");

        var certificate = await issuing.Orders.IssueAsync(Issuing.Names("www.shop.example", "shop.example", "api.shop.example", "SHOP.example"), CancellationToken.None);

        Assert.Equal(["api.shop.example", "shop.example", "www.shop.example"], Issuing.NamesIn(certificate));
        Assert.Null(_edge.Http.Find("shop.example", "anything"));
    }

    [Fact]
    public async Task What_is_kept_is_for_the_owner_only_and_survives_a_restart()
    {
        IssuedCertificate first;
        using (var issuing = Start("http-01"))
        {
            first = await issuing.Orders.IssueAsync(Issuing.Names("shop.example"), CancellationToken.None);
        }

        Assert.Equal(3, _home.Files.Length);
        Assert.All(_home.Files, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        using var again = Start("http-01");
        Assert.Equal(first, again.Orders.Find(Issuing.Names("shop.example")));
    }

    [Fact]
    public async Task One_issuance_runs_at_a_time_and_serves_all_who_wait()
    {
        using var issuing = Start("http-01");

        var before = _pebble.Orders;

        var all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => issuing.Orders.IssueAsync(Issuing.Names("shop.example"), CancellationToken.None)));

        Assert.Single(all.Distinct());
        Assert.Equal(before + 1, _pebble.Orders);
    }

    [Fact]
    public async Task Certificates_that_share_a_name_are_issued_one_after_the_other()
    {
        var locks = new NameLocks();
        var first = await locks.TakeAsync(Issuing.Names("a.example", "b.example"), CancellationToken.None);

        var second = locks.TakeAsync(Issuing.Names("b.example", "c.example"), CancellationToken.None);
        using var third = await locks.TakeAsync(Issuing.Names("c.example", "d.example"), CancellationToken.None);
        Assert.False(second.IsCompleted);
        first.Dispose();
        Assert.False(second.IsCompleted);
        third.Dispose();

        (await second).Dispose();
    }

    [Fact]
    public async Task Many_names_that_come_up_together_all_get_certificates_on_one_account()
    {
        using var issuing = Start("tls-alpn-01");
        var accounts = _pebble.Accounts;

        var all = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => issuing.Orders.IssueAsync(Issuing.Names($"n{i}.example"), CancellationToken.None)));

        Assert.Equal(40, all.Select(c => c.Key).Distinct().Count());
        Assert.Equal(accounts + 1, _pebble.Accounts);
    }

    [Fact]
    public async Task A_failing_validation_says_what_the_authority_saw_and_waits_longer_each_time()
    {
        using var issuing = Start("http-01");
        await _pebble.PointAsync("elsewhere.example", "127.0.0.77");
        var names = Issuing.Names("elsewhere.example");

        var first = await Assert.ThrowsAsync<ProblemException>(() => issuing.Orders.IssueAsync(names, CancellationToken.None));
        var second = await Assert.ThrowsAsync<ProblemException>(() => issuing.Orders.IssueAsync(names, CancellationToken.None));

        Assert.Equal("acme/challenge-failed", first.Problem.Code);
        Assert.Contains("127.0.0.77", Assert.Single(second.Problem.Evidence));
        Assert.NotNull(second.RetryAt);
        Assert.Equal(2, issuing.Files.Load(names).Failures);
        Assert.Null(issuing.Files.Load(names).Pending);
    }

    [Fact]
    public async Task A_way_that_fails_is_followed_by_the_next_way()
    {
        using var issuing = new Issuing(_pebble.Options(_home.Path), new HttpChallenges(), _edge.TlsAlpn); // nobody asks this table
        var names = Issuing.Names("shop.example");
        var news = new List<CertificateNews>();

        await foreach (var item in issuing.Keeper.KeepAsync(names, CancellationToken.None))
        {
            news.Add(item);
            if (item is CertificateNews.Ready)
            {
                break;
            }
        }

        Assert.Equal("acme/challenge-failed", Assert.IsType<CertificateNews.Failed>(news[0]).Problem.Code);
        Assert.Equal(2, news.Count);
    }

    [Fact]
    public async Task A_name_that_the_authority_refuses_is_told()
    {
        using var issuing = Start("http-01");

        var refused = await Assert.ThrowsAsync<ProblemException>(() => issuing.Orders.IssueAsync(Issuing.Names("blocked.example"), CancellationToken.None));

        Assert.Equal("acme/name-refused", refused.Problem.Code);
    }

    [Fact]
    public async Task A_wildcard_without_a_dns_provider_is_refused_before_anything_is_tried()
    {
        using var issuing = Start("http-01");

        var refused = await Assert.ThrowsAsync<ProblemException>(() => issuing.Orders.IssueAsync(Issuing.Names("*.shop.example"), CancellationToken.None));

        Assert.Equal("acme/no-challenge", refused.Problem.Code);
    }

    [Fact]
    public async Task State_that_cannot_be_written_is_told_before_the_authority_is_asked()
    {
        using var issuing = Start("http-01");
        await File.WriteAllTextAsync(Path.Combine(_home.Path, "certificates"), "a file where the folder should be");
        var before = _pebble.Orders;

        await foreach (var news in issuing.Keeper.KeepAsync(Issuing.Names("shop.example"), CancellationToken.None))
        {
            Assert.Equal("acme/not-saved", Assert.IsType<CertificateNews.Failed>(news).Problem.Code);
            break;
        }

        Assert.Equal(before, _pebble.Orders);
    }

    [Fact]
    public async Task A_certificate_is_revoked_once_and_twice()
    {
        using var issuing = Start("http-01");
        var certificate = await issuing.Orders.IssueAsync(Issuing.Names("shop.example"), CancellationToken.None);
        using var leaf = certificate.Leaf();

        await issuing.Client.RevokeAsync(leaf, 1, CancellationToken.None);
        await issuing.Client.RevokeAsync(leaf, 1, CancellationToken.None);

        Assert.Contains("Revoked", await _pebble.StatusAsync(leaf.SerialNumber));
    }

    private Issuing Start(string way) => new(_pebble.Options(_home.Path), way == "http-01" ? _edge.Http : _edge.TlsAlpn);

    private async Task AssertTrustedAsync(IssuedCertificate certificate)
    {
        using var root = X509Certificate2.CreateFromPem(await _pebble.RootAsync());
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ExtraStore.ImportFromPem(certificate.Chain);
        using var leaf = certificate.Leaf();
        Assert.True(chain.Build(leaf), string.Join(", ", chain.ChainStatus.Select(s => s.StatusInformation)));
    }

    public sealed class Authority : IAsyncLifetime
    {
        internal Pebble Pebble { get; private set; } = null!;

        internal Responder Edge { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Pebble = await Pebble.StartAsync(new() { RejectedNonces = 50, Blocked = ["blocked.example"] });
            Edge = await Responder.StartAsync(Pebble);
        }

        public async ValueTask DisposeAsync()
        {
            await Edge.DisposeAsync();
            await Pebble.DisposeAsync();
        }
    }
}
