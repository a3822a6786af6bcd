using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wherry.Edge.Acme;
using Wherry.Edge.Acme.Orders;
using Wherry.Edge.Tests.Acme.Rig;

namespace Wherry.Edge.Tests.Acme;

/// <summary>When a certificate is renewed.</summary>
public sealed class RenewalTests
{
    private static readonly DateTimeOffset Noon = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_five_minute_certificate_is_renewed_at_two_thirds_of_its_life()
    {
        await using var pebble = await Pebble.StartAsync(new() { ValidSeconds = 300 });
        await using var edge = await Responder.StartAsync(pebble);
        using var home = new TestHome();
        var time = new FastTime(20);
        using var issuing = new Issuing(pebble.Options(home.Path) with { Time = time }, edge.Http);
        var seen = new List<(IssuedCertificate Certificate, DateTimeOffset At)>();

        await foreach (var news in issuing.Keeper.KeepAsync(Issuing.Names("shop.example"), CancellationToken.None))
        {
            seen.Add((Assert.IsType<CertificateNews.Ready>(news).Certificate, time.GetUtcNow()));
            if (seen.Count == 2)
            {
                break;
            }
        }

        var life = seen[0].Certificate.NotAfter - seen[0].Certificate.NotBefore;
        Assert.InRange(life.TotalSeconds, 299, 301);
        Assert.InRange((seen[1].At - seen[0].Certificate.NotBefore).TotalSeconds, 199, 290);
        Assert.NotEqual(seen[0].Certificate.Key, seen[1].Certificate.Key);
        Assert.Equal(2, pebble.Orders);
    }

    [Fact]
    public async Task Another_authority_is_asked_at_once_when_the_directory_changes()
    {
        await using var staging = await Pebble.StartAsync();
        using var home = new TestHome();
        IssuedCertificate first;
        await using (var edge = await Responder.StartAsync(staging))
        {
            using var issuing = new Issuing(staging.Options(home.Path), edge.Http);
            first = await issuing.Orders.IssueAsync(Issuing.Names("shop.example"), CancellationToken.None);
        }

        await using var production = await Pebble.StartAsync();
        await using var again = await Responder.StartAsync(production);
        using var switched = new Issuing(production.Options(home.Path), again.Http);
        var seen = new List<IssuedCertificate>();
        await foreach (var news in switched.Keeper.KeepAsync(Issuing.Names("shop.example"), CancellationToken.None))
        {
            seen.Add(Assert.IsType<CertificateNews.Ready>(news).Certificate);
            if (seen.Count == 2)
            {
                break;
            }
        }

        Assert.Equal(first, seen[0]);
        Assert.Equal(production.DirectoryUrl, seen[1].Directory);
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(home.Path, "accounts")).Length);
    }

    [Fact]
    public async Task The_authoritys_window_counts_where_it_has_one()
    {
        await using var pebble = await Pebble.StartAsync();
        await using var edge = await Responder.StartAsync(pebble);
        await using var front = await RenewalFront.StartAsync(pebble, DateTimeOffset.UtcNow.AddDays(20), DateTimeOffset.UtcNow.AddDays(21));
        using var home = new TestHome();
        using var issuing = new Issuing(pebble.Options(home.Path) with { Directory = front.DirectoryUrl }, edge.Http);
        var certificate = await issuing.Orders.IssueAsync(Issuing.Names("shop.example"), CancellationToken.None);
        using var leaf = certificate.Leaf();

        var (at, again) = await issuing.Keeper.DueAsync(certificate, CancellationToken.None);

        Assert.InRange(at, DateTimeOffset.UtcNow.AddDays(19.9), DateTimeOffset.UtcNow.AddDays(21));
        Assert.Equal(TimeSpan.FromSeconds(21600), again);
        Assert.Equal($"/ari/{AcmeClient.RenewalId(leaf)}", Assert.Single(front.Asked));
    }

    [Fact]
    public async Task Two_thirds_of_its_life_count_when_the_authoritys_window_is_nonsense()
    {
        await using var pebble = await Pebble.StartAsync();
        await using var edge = await Responder.StartAsync(pebble);
        await using var front = await RenewalFront.StartAsync(pebble, DateTimeOffset.UtcNow.AddDays(20), DateTimeOffset.UtcNow.AddDays(19));
        using var home = new TestHome();
        using var issuing = new Issuing(pebble.Options(home.Path) with { Directory = front.DirectoryUrl }, edge.Http);
        var certificate = await issuing.Orders.IssueAsync(Issuing.Names("shop.example"), CancellationToken.None);

        var (at, _) = await issuing.Keeper.DueAsync(certificate, CancellationToken.None);

        Assert.Equal(Renewal.ByLife(certificate, DateTimeOffset.UtcNow), at);
    }

    [Fact]
    public void A_certificate_is_named_to_the_authority_as_the_standard_says()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=example.com", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(Convert.FromHexString("69885B6B87464041E1B37B847BA0AE2CDE01C8D4")));
        using var certificate = request.Create(new X500DistinguishedName("CN=Example CA"), X509SignatureGenerator.CreateForECDsa(key), Noon, Noon.AddDays(90), Convert.FromHexString("87654321"));

        Assert.Equal("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", AcmeClient.RenewalId(certificate)); // RFC 9773, 4.1
    }

    [Fact]
    public void Ninety_days_are_renewed_after_sixty() => Assert.Equal(Noon.AddDays(60), Renewal.ByLife(A(Noon, days: 90, issued: Noon.AddHours(1)), Noon.AddDays(1)));

    [Theory]
    [InlineData(400)]
    [InlineData(75)]
    public void By_a_clock_far_ahead_a_new_certificate_is_not_renewed_at_once(int daysAhead) =>
        Assert.Equal(Noon.AddDays(daysAhead + 30), Renewal.ByLife(A(Noon, days: 90, issued: Noon.AddDays(daysAhead)), Noon.AddDays(daysAhead)));

    [Fact]
    public void A_certificate_from_a_clock_that_was_ahead_is_renewed_in_time_once_the_clock_is_right() =>
        Assert.Equal(Noon.AddDays(60), Renewal.ByLife(A(Noon, days: 90, issued: Noon.AddDays(400)), Noon.AddDays(1)));

    [Fact]
    public void A_window_in_the_past_is_heeded_a_day_after_the_certificate_came() =>
        Assert.Equal(Noon.AddDays(1), Renewal.ByWindow(A(Noon, days: 90, issued: Noon), new(Noon.AddDays(-2), Noon.AddDays(-1)), 0.5, Noon));

    [Fact]
    public void Pauses_double_up_to_a_limit_and_vary()
    {
        TimeSpan Pause(int failures, double chance) => Renewal.Pause(failures, TimeSpan.FromMinutes(1), TimeSpan.FromHours(6), chance);

        Assert.Equal(TimeSpan.FromMinutes(1), Pause(1, 0.5));
        Assert.Equal(TimeSpan.FromMinutes(8), Pause(4, 0.5));
        Assert.Equal(TimeSpan.FromHours(6), Pause(10_000, 0.5));
        Assert.Equal(TimeSpan.FromSeconds(45), Pause(1, 0));
        Assert.Equal(TimeSpan.FromSeconds(75), Pause(1, 1));
    }

    private static IssuedCertificate A(DateTimeOffset from, int days, DateTimeOffset issued) => new("", "", new("https://ca.example/dir"), issued, from, from.AddDays(days));
}
