using Microsoft.Extensions.DependencyInjection;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;
using Wherry.Server.Certificates;
using Wherry.Server.Deployments;
using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;

namespace Wherry.Server.Tests.Certificates;

/// <summary>What the server tells of certificates that fail or end.</summary>
public sealed class CertificateWatchTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_ends_soon_or_has_ended_is_an_event_once_and_another_when_it_was_replaced()
    {
        await using var wherry = await SmallWherry.StartAsync();
        using var authority = new TestAuthority();
        var watch = wherry.Services.GetRequiredService<CertificateWatch>();
        var now = TimeProvider.System.GetUtcNow();
        await AddAsync(wherry, authority.For(now.AddDays(-80), now.AddDays(10), "shop.example.test"));

        await watch.LookAsync(Ct);
        await watch.LookAsync(Ct);
        var listed = Assert.Single(await wherry.Client.CertificatesAsync(Ct));
        Assert.Equal(("it expires within 14 days", null), (listed.Problem, listed.NextAttempt));
        Assert.Equal("warning", await DoctorAsync(wherry));

        await AddAsync(wherry, authority.For(now.AddDays(-80), TimeProvider.System.GetUtcNow().AddSeconds(8), "shop.example.test"));
        await LiveWherry.UntilAsync(async () => (await wherry.Client.CertificatesAsync(Ct))[0].Problem == "it has expired", 20);
        await watch.LookAsync(Ct);
        Assert.Equal("problem", await DoctorAsync(wherry));

        await AddAsync(wherry, authority.For("shop.example.test"));
        await watch.LookAsync(Ct);
        Assert.Equal("ok", await DoctorAsync(wherry));

        var told = await ToldAsync(wherry, "shop");
        Assert.Equal(["certificate/expiring", "certificate/expired", "certificate/ok"], told.Select(e => e.Kind));
        Assert.Equal(["good", "expiring", "expired"], told.Select(e => e.Before));
        Assert.StartsWith("it expires within 14 days; until ", told[0].After, StringComparison.Ordinal);
        Assert.All(told, e => Assert.Equal("wherry", e.Actor));
    }

    [Fact]
    public async Task RG_24_One_that_cannot_be_obtained_is_an_event_with_the_reason_and_the_next_attempt()
    {
        await using var wherry = await SmallWherry.StartAsync(o => Configured(o, """{ "directory": "https://127.0.0.1:9/directory", "email": ["ops@shop.example"], "agreesToTerms": true }"""));
        var watch = wherry.Services.GetRequiredService<CertificateWatch>();
        await RouteAsync(wherry);

        await LiveWherry.UntilAsync(async () => (await wherry.Client.CertificatesAsync(Ct)).Any(c => c.NextAttempt is not null), 20);
        await watch.LookAsync(Ct);

        var listed = Assert.Single(await wherry.Client.CertificatesAsync(Ct));
        Assert.True(listed.Automatic);
        Assert.Contains("127.0.0.1", listed.Problem, StringComparison.Ordinal);
        var told = Assert.Single(await ToldAsync(wherry, "shop.example.test"));
        Assert.Equal("certificate/failing", told.Kind);
        Assert.Contains("; next attempt 20", told.After, StringComparison.Ordinal);
        Assert.Equal("warning", await DoctorAsync(wherry));
    }

    [Fact]
    public async Task Settings_that_cannot_be_read_are_what_the_doctor_and_an_event_tell()
    {
        await using var wherry = await SmallWherry.StartAsync(o => Configured(o, "{ half"));
        var doctor = (await wherry.Client.DoctorAsync(Ct)).Single(c => c.Name == "certificates");

        Assert.Equal("problem", doctor.State);
        Assert.Contains("acme.json", doctor.Finding, StringComparison.Ordinal);
        Assert.Contains("wherry up", doctor.Mend, StringComparison.Ordinal);
    }

    private static ServerOptions Configured(ServerOptions options, string acme)
    {
        var edge = Directory.CreateDirectory(Path.Combine(options.Home, "edge")).FullName;
        File.WriteAllText(Path.Combine(edge, "acme.json"), acme);
        return options;
    }

    /// <summary>A stopped service whose host asks for a certificate.</summary>
    private static Task<SwitchReport> RouteAsync(SmallWherry wherry) => wherry.Services.GetRequiredService<EdgeClient>().SwitchAsync(
        "shop.production.web", new EdgeService { Routes = [new Route(HostName.Parse("shop.example.test"), PathPrefix.Parse("/"), 80, false)], Targets = [], Tls = new() }, Ct);

    private static Task<Certificate> AddAsync(SmallWherry wherry, UploadCertificate upload) => wherry.Client.AddCertificateAsync("shop", new AddCertificate(upload.Chain, upload.Key), Ct);

    private static async Task<string> DoctorAsync(SmallWherry wherry) => (await wherry.Client.DoctorAsync(Ct)).Single(c => c.Name == "certificates").State;

    private static async Task<List<Event>> ToldAsync(SmallWherry wherry, string about)
    {
        var events = new List<Event>();
        await foreach (var told in wherry.Client.EventsAsync(new EventQuery { Kind = "certificate" }, Ct))
        {
            events.Add(told);
        }

        return [.. events.Where(e => e.About == about && e.Kind is not ("certificate/added" or "certificate/removed"))];
    }
}
