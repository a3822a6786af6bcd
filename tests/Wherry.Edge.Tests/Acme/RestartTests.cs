using System.Diagnostics;
using Wherry.Core.Problems;
using Wherry.Edge.Acme;
using Wherry.Edge.Acme.Orders;
using Wherry.Edge.Tests.Acme.Rig;

namespace Wherry.Edge.Tests.Acme;

/// <summary>An edge that ends in the middle, an authority that is slow, away, or has lost its memory.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly TestHome _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("Pulled a task", false)] // an answer that is away when the authority looks cannot be mended: here a second edge has taken over
    [InlineData("set VALID", true)]
    [InlineData("Issued certificate", true)]
    public async Task An_edge_that_ends_in_the_middle_of_an_order_continues_the_same_order(string afterwards, bool forgetsAnswers)
    {
        await using var pebble = await Pebble.StartAsync(new() { ValidationSeconds = 4 });
        await using var edge = await Responder.StartAsync(pebble);
        using var stop = new CancellationTokenSource();
        using (var first = new Issuing(pebble.Options(_home.Path), edge.Http))
        {
            var attempt = first.Orders.IssueAsync(Shop, stop.Token);
            await pebble.SaysAsync(afterwards);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => attempt);
        }

        if (forgetsAnswers)
        {
            edge.Http = new();
        }

        using var second = new Issuing(pebble.Options(_home.Path), edge.Http);
        Assert.NotNull(second.Files.Load(Shop).Pending);
        await IssueAsync(second);

        Assert.Equal(1, pebble.Orders);
        Assert.Equal(1, pebble.Accounts);
        Assert.Null(second.Files.Load(Shop).Pending);
    }

    [Fact]
    public async Task A_slow_authority_is_waited_for_over_several_attempts()
    {
        await using var pebble = await Pebble.StartAsync(new() { ValidationSeconds = 6 });
        await using var edge = await Responder.StartAsync(pebble);
        using var issuing = new Issuing(pebble.Options(_home.Path) with { WorkWithin = TimeSpan.FromSeconds(1) }, edge.Http);
        var failures = new List<string>();

        await foreach (var news in issuing.Keeper.KeepAsync(Shop, CancellationToken.None))
        {
            if (news is CertificateNews.Failed { Problem.Code: var code } && failures.Count < 30)
            {
                failures.Add(code);
                continue;
            }

            Assert.IsType<CertificateNews.Ready>(news);
            break;
        }

        Assert.All(failures, code => Assert.Equal("acme/slow", code));
        Assert.Equal(1, pebble.Orders);
    }

    [Fact]
    public async Task An_authority_that_forgot_the_account_gets_a_new_one_with_the_same_key()
    {
        await using var pebble = await Pebble.StartAsync();
        await using var edge = await Responder.StartAsync(pebble);
        using var issuing = new Issuing(pebble.Options(_home.Path), edge.Http);
        await issuing.Orders.IssueAsync(Shop, CancellationToken.None);
        var key = await KeyAsync();

        await pebble.StopAsync();
        await pebble.StartAsync();
        await issuing.Orders.IssueAsync(Shop, CancellationToken.None);

        Assert.Equal(1, pebble.Accounts);
        Assert.Equal(key, await KeyAsync());
        using var restarted = new Issuing(pebble.Options(_home.Path), edge.Http);
        await restarted.Orders.IssueAsync(Shop, CancellationToken.None);
        Assert.Equal(1, pebble.Accounts);
    }

    [Fact]
    public async Task An_order_that_the_authority_forgot_is_begun_anew()
    {
        await using var pebble = await Pebble.StartAsync(new() { ValidationSeconds = 5 });
        await using var edge = await Responder.StartAsync(pebble);
        using var issuing = new Issuing(pebble.Options(_home.Path) with { WorkWithin = TimeSpan.FromSeconds(1) }, edge.Http);
        var slow = await Assert.ThrowsAsync<ProblemException>(() => issuing.Orders.IssueAsync(Shop, CancellationToken.None));
        Assert.Equal("acme/slow", slow.Problem.Code);

        await pebble.StopAsync();
        await pebble.StartAsync();

        using var patient = new Issuing(pebble.Options(_home.Path), edge.Http);
        await IssueAsync(patient);
        Assert.Equal(1, pebble.Orders);
    }

    [Fact]
    public async Task RG_24_An_authority_that_is_away_is_asked_again_with_growing_pauses_while_the_old_certificate_stays()
    {
        await using var pebble = await Pebble.StartAsync();
        await using var edge = await Responder.StartAsync(pebble);
        IssuedCertificate first;
        using (var issuing = new Issuing(pebble.Options(_home.Path), edge.Http))
        {
            first = await issuing.Orders.IssueAsync(Shop, CancellationToken.None);
        }

        await pebble.StopAsync();
        var longAfter = new ShiftedTime(first.NotAfter.AddDays(1));
        using var later = new Issuing(pebble.Options(_home.Path) with { Time = longAfter }, edge.Http);
        var pauses = new List<TimeSpan>();
        await foreach (var news in later.Keeper.KeepAsync(Shop, CancellationToken.None))
        {
            if (news is CertificateNews.Ready { Certificate: var kept })
            {
                Assert.Equal(first, kept);
                if (pauses.Count > 0)
                {
                    break;
                }

                continue;
            }

            var failed = Assert.IsType<CertificateNews.Failed>(news);
            Assert.Equal("acme/unreachable", failed.Problem.Code);
            pauses.Add(failed.NextAttempt - longAfter.GetUtcNow());
            if (pauses.Count == 4)
            {
                break;
            }
        }

        Assert.True(pauses[3] > pauses[0] * 3, string.Join(", ", pauses));
        Assert.Equal(first, later.Orders.Find(Shop));
        Assert.Equal(4, later.Files.Load(Shop).Failures);
    }

    [Fact]
    public async Task A_file_cut_in_half_is_put_aside_and_the_certificate_ordered_anew()
    {
        await using var pebble = await Pebble.StartAsync();
        await using var edge = await Responder.StartAsync(pebble);
        using var issuing = new Issuing(pebble.Options(_home.Path), edge.Http);
        await issuing.Orders.IssueAsync(Shop, CancellationToken.None);
        var file = _home.Files.Single(f => f.Contains("certificates", StringComparison.Ordinal));
        await using (var open = File.OpenWrite(file))
        {
            open.SetLength(open.Length / 2);
        }

        Assert.Null(issuing.Orders.Find(Shop));
        await issuing.Orders.IssueAsync(Shop, CancellationToken.None);

        Assert.NotNull(issuing.Orders.Find(Shop));
        Assert.True(File.Exists(file + ".unreadable"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"names":"shop.example","certificate":{}}""")]
    [InlineData("""{"names":"shop.example","certificate":{"chain":"rubbish","key":"rubbish","directory":"https://ca.example/"}}""")]
    [InlineData("""{"names":"shop.example","pending":{"directory":"https://ca.example/","url":"https://ca.example/1","key":"rubbish"}}""")]
    [InlineData("""{"names":"shop.example","pending":{}}""")]
    public void A_file_that_makes_no_sense_holds_nothing_and_is_kept_aside(string text)
    {
        var folder = Path.Combine(_home.Path, "certificates");
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, Shop.FileName + ".json");
        File.WriteAllText(path, text);

        var saved = new OrderFiles(folder).Load(Shop);

        Assert.Equal((null, null), (saved.Certificate, saved.Pending));
        Assert.Equal(text, File.ReadAllText(path + ".unreadable"));
    }

    private static CertificateNames Shop => Issuing.Names("shop.example");

    private static async Task IssueAsync(Issuing issuing)
    {
        var watch = Stopwatch.StartNew();
        await issuing.Orders.IssueAsync(Shop, CancellationToken.None);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60));
    }

    private Task<string> KeyAsync() => File.ReadAllTextAsync(_home.Files.Single(f => f.EndsWith("key.pem", StringComparison.Ordinal)));
}
