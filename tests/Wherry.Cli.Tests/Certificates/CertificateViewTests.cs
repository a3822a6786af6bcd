using Wherry.Cli.Certificates;
using Wherry.Client;

namespace Wherry.Cli.Tests.Certificates;

public sealed class CertificateViewTests
{
    [Fact]
    public void Certificates_are_listed_with_their_end_and_what_is_wrong()
    {
        var output = new StringWriter();

        CertificatesCommand.Write(output, [new("shop", ["example.com", "*.example.com"], "CN=R3", A.Noon.AddDays(-1), A.Noon.AddDays(9), "it expires within 14 days"), new("old", ["old.example.com"], "CN=R3", A.Noon.AddDays(-90), A.Noon.AddDays(-1), "it has expired"), new("cut", [], "", null, null, "the certificate cut cannot be read"), new("www.example.com", ["www.example.com"], "", null, null, "ca.example does not answer.") { Automatic = true, NextAttempt = A.Noon.AddMinutes(4) }], A.Noon);

        Assert.Equal(
            """
            NAME             HOSTS                      EXPIRES                 ISSUER  PROBLEM
            shop             example.com *.example.com  2026-11-30 (in 9 days)  CN=R3   it expires within 14 days
            old              old.example.com            2026-11-20 (expired)    CN=R3   it has expired
            cut              -                          -                       -       the certificate cut cannot be read
            www.example.com  www.example.com            -                       -       ca.example does not answer. Next attempt in 4 min

            """,
            output.ToString());
    }

    [Fact]
    public void Domains_say_how_each_host_is_served()
    {
        var output = new StringWriter();

        DomainsCommand.Write(
            output,
            [
                new("example.com", "shop", "production", "web", "automatic", "shop", A.Noon.AddDays(60), null),
                new("shop.localhost", "shop", "staging", "web", "automatic", "internal", null, null),
                new("www.example.com", "shop", "production", "web", "uploaded", null, null, "no certificate covers it"),
                new("plain.example.com", "blog", "production", "app", null, null, null, null),
            ],
            A.Noon);

        var lines = output.ToString().Split('\n');
        Assert.Equal(["HOST", "SERVICE", "HTTPS", "CERTIFICATE", "EXPIRES", "PROBLEM"], Words(lines[0]));
        Assert.Equal(["example.com", "shop/production/web", "automatic", "shop", "2027-01-20", "(in", "60", "days)"], Words(lines[1]));
        Assert.Equal(["shop.localhost", "shop/staging/web", "automatic", "internal", "renewed", "by", "itself"], Words(lines[2]));
        Assert.Equal(["www.example.com", "shop/production/web", "uploaded", "-", "-", "no", "certificate", "covers", "it"], Words(lines[3]));
        Assert.Equal(["plain.example.com", "blog/production/app", "no", "-", "-"], Words(lines[4]));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_told_before_the_server_is_asked()
    {
        var ran = await A.RunAsync("certificates", "add", "shop", "--chain", "/nowhere/chain.pem", "--key", "/nowhere/key.pem");

        Assert.Equal(2, ran.Code);
        Assert.Contains("(cli/file)", ran.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("certificates", "add", "shop", "--chain", "chain.pem")]
    [InlineData("certificates", "remove")]
    [InlineData("trust", "--install", "--remove")]
    [InlineData("up", "--tls-port", "65536")]
    public async Task What_cannot_be_read_ends_with_2(params string[] args) => Assert.Equal(2, (await A.RunAsync(args)).Code);

    [Fact]
    public void A_key_is_never_shown() => Assert.DoesNotContain("PRIVATE", $"{new AddCertificate("CERTIFICATE", "PRIVATE")}", StringComparison.Ordinal);

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
