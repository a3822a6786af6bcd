using System.Text.Json;
using Wherry.Core.Problems;
using Wherry.Edge.Acme;
using Wherry.Edge.Acme.Orders;
using Wherry.Edge.Acme.Solving;
using Wherry.Edge.Tests.Acme.Rig;

namespace Wherry.Edge.Tests.Acme;

/// <summary>The account at a real authority.</summary>
public sealed class AccountTests : IDisposable
{
    private const string KeyId = "kid-1";
    private const string MacKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

    private readonly TestHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task An_authority_that_wants_an_account_binding_gets_one_and_refuses_a_wrong_one()
    {
        await using var pebble = await Pebble.StartAsync(new() { ExternalAccount = (KeyId, MacKey) });
        await using var edge = await Responder.StartAsync(pebble);
        var options = pebble.Options(_home.Path);

        Assert.Equal("acme/account-binding", (await RefusedAsync(options)).Code);
        Assert.Equal("acme/account-binding", (await RefusedAsync(options with { ExternalAccount = new(KeyId, "not base64url!") })).Code);
        var wrong = await RefusedAsync(options with { ExternalAccount = new(KeyId, MacKey.Replace('z', 'y')) });
        Assert.StartsWith("acme/", wrong.Code, StringComparison.Ordinal);
        Assert.DoesNotContain(MacKey[1..], JsonSerializer.Serialize(wrong) + options.ExternalAccount, StringComparison.Ordinal);

        using var issuing = new Issuing(options with { ExternalAccount = new(KeyId, MacKey) }, edge.Http);
        await issuing.Orders.IssueAsync(Issuing.Names("shop.example"), CancellationToken.None);
        Assert.Equal(1, pebble.Accounts);
    }

    [Fact]
    public async Task Terms_have_to_be_agreed_to_and_contacts_have_to_be_mail_addresses()
    {
        await using var pebble = await Pebble.StartAsync();
        var options = pebble.Options(_home.Path);

        Assert.Equal("acme/account-terms", (await RefusedAsync(options with { AgreesToTerms = false })).Code);
        Assert.Equal("acme/account-contact", (await RefusedAsync(options with { Contacts = ["nobody"] })).Code);
        Assert.Equal("acme/account-contact", (await RefusedAsync(options with { Contacts = ["a@b.example?subject=x, c@d.example"] })).Code);
        Assert.Equal(0, pebble.Accounts);
    }

    [Fact]
    public async Task Changed_contacts_reach_the_account_that_is_there()
    {
        await using var pebble = await Pebble.StartAsync();
        var options = pebble.Options(_home.Path);
        await OrderAsync(options);

        await OrderAsync(options with { Contacts = ["other@shop.example"] });

        Assert.Equal(1, pebble.Accounts);
        Assert.Contains("other@shop.example", await File.ReadAllTextAsync(_home.Files.Single(f => f.EndsWith("account.json", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task The_account_gets_a_new_key_and_stays_the_same_account()
    {
        await using var pebble = await Pebble.StartAsync(new() { RejectedNonces = 50 });
        var options = pebble.Options(_home.Path);
        using var client = new AcmeClient(options);
        await client.NewOrderAsync(Issuing.Names("a.example"), null, CancellationToken.None);
        var before = await File.ReadAllTextAsync(KeyPath);

        await client.RollKeyAsync(CancellationToken.None);

        Assert.NotEqual(before, await File.ReadAllTextAsync(KeyPath));
        await client.NewOrderAsync(Issuing.Names("b.example"), null, CancellationToken.None);
        await OrderAsync(options);
        Assert.Equal(1, pebble.Accounts);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
        Assert.DoesNotContain(_home.Files, f => f.Contains("rolling", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_crash_while_the_key_is_exchanged_is_mended_whichever_key_the_authority_has(bool authorityHasTheNewOne)
    {
        await using var pebble = await Pebble.StartAsync();
        var options = pebble.Options(_home.Path);
        string old;
        using (var client = new AcmeClient(options))
        {
            await client.NewOrderAsync(Issuing.Names("a.example"), null, CancellationToken.None);
            old = await File.ReadAllTextAsync(KeyPath);
            if (authorityHasTheNewOne)
            {
                await client.RollKeyAsync(CancellationToken.None);
            }
        }

        var path = KeyPath;
        var rolling = path.Replace("key.pem", "key.rolling.pem", StringComparison.Ordinal);
        if (authorityHasTheNewOne)
        {
            File.Move(path, rolling);
            await File.WriteAllTextAsync(path, old);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        else
        {
            AccountKey.Create(rolling).Dispose();
        }

        await OrderAsync(options);

        Assert.Equal(1, pebble.Accounts);
        Assert.False(File.Exists(rolling));
        Assert.Equal(authorityHasTheNewOne, old != await File.ReadAllTextAsync(KeyPath));
    }

    [Fact]
    public async Task A_key_that_others_may_read_is_not_used()
    {
        await using var pebble = await Pebble.StartAsync();
        var options = pebble.Options(_home.Path);
        await OrderAsync(options);

        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Equal("acme/account-key", (await RefusedAsync(options)).Code);

        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(KeyPath, "-----BEGIN PRIVATE KEY-----\nMIGH");
        Assert.Equal("acme/account-key", (await RefusedAsync(options)).Code);
    }

    [Fact]
    public async Task An_authority_whose_own_certificate_nobody_vouches_for_is_not_talked_to()
    {
        await using var pebble = await Pebble.StartAsync();
        var options = pebble.Options(_home.Path);

        Assert.Equal("acme/unreachable", (await RefusedAsync(options with { TrustedRoots = null })).Code);
        Assert.Equal("acme/unreachable", (await RefusedAsync(options with { TrustedRoots = new TestCa().Pem })).Code);
        Assert.Equal("acme/not-https", (await RefusedAsync(options with { Directory = new("http://localhost/dir") })).Code);
    }

    [Fact]
    public void Secrets_do_not_show_when_records_are_written_into_a_log()
    {
        var url = new Uri("https://ca.example/");
        object[] all =
        [
            new AcmeOptions { Home = "/", ExternalAccount = new(KeyId, "SECRET") },
            new SavedCertificate("shop.example") { Pending = new(url, url, "SECRET"), Certificate = new("", "SECRET", url, default, default, default) },
            new CertificateNews.Ready(new("", "SECRET", url, default, default, default)),
            new DnsUpdateOptions("ns.example", new("key", "SECRET"u8.ToArray())),
            new CloudflareOptions("SECRET"),
            new DnsExecOptions("/bin/true", ["SECRET"]) { Environment = new Dictionary<string, string> { ["A"] = "SECRET" } },
        ];

        Assert.DoesNotContain("SECRET", string.Join('\n', all));
    }

    private string KeyPath => _home.Files.Single(f => f.EndsWith("/key.pem", StringComparison.Ordinal));

    private static async Task OrderAsync(AcmeOptions options)
    {
        using var client = new AcmeClient(options);
        await client.NewOrderAsync(Issuing.Names("shop.example"), null, CancellationToken.None);
    }

    private static async Task<Problem> RefusedAsync(AcmeOptions options) => (await Assert.ThrowsAsync<ProblemException>(() => OrderAsync(options))).Problem;
}
