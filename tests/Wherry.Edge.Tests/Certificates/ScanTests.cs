using System.Diagnostics;
using System.Text.RegularExpressions;
using Wherry.Docker.Tests.Fixture;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Certificates;

/// <summary>What a scanner finds that nobody here wrote: Debian's <c>sslscan</c>.</summary>
public sealed class ScanTests : OnAnEdge
{
    [Fact]
    public async Task No_weak_protocol_or_cipher_is_offered()
    {
        await using var web = await Backend.StartAsync("web");
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "shop.localhost")], Tls = new() }, Ct);

        var report = await ScanAsync("shop.localhost");

        Assert.All(["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"], old => Assert.Matches($@"{Regex.Escape(old)}\s+disabled", report));
        Assert.All(["TLSv1.2", "TLSv1.3"], good => Assert.Matches($@"{Regex.Escape(good)}\s+enabled", report));
        Assert.Contains("not vulnerable to heartbleed", report, StringComparison.Ordinal);
        var ciphers = Regex.Matches(report, @"(?:Preferred|Accepted)\s+TLSv1\.\d\s+(\d+) bits\s+(\S+)").ToList();
        Assert.NotEmpty(ciphers);
        Assert.All(ciphers, c =>
        {
            Assert.True(int.Parse(c.Groups[1].Value, null) >= 128, c.Value);
            Assert.DoesNotMatch("RC4|3DES|DES-|NULL|EXP|MD5|anon|SEED|IDEA|CAMELLIA", c.Groups[2].Value);
        });
    }

    protected override EdgeOptions Options(EdgeOptions defaults) => defaults with { ListenTls = ["127.0.0.1:0"] };

    private async Task<string> ScanAsync(string name)
    {
        var program = await DebianPackage.ProgramAsync("sslscan", "usr/bin/sslscan", Ct);
        using var scan = Process.Start(new ProcessStartInfo(program, ["--no-colour", $"--sni-name={name}", $"{Edge.TlsAddress}"]) { RedirectStandardOutput = true })!;
        var report = await scan.StandardOutput.ReadToEndAsync(Ct);
        await scan.WaitForExitAsync(Ct);
        return report;
    }
}
