using Wherry.Core.Problems;
using Wherry.Edge.Acme;
using Wherry.Edge.Tests.Acme.Rig;

namespace Wherry.Edge.Tests.Acme;

/// <summary>What <c>wherry up</c> says to the edge about the authority.</summary>
public sealed class AcmeFileTests : IDisposable
{
    private readonly TestHome _home = new();

    private string File => Path.Combine(_home.Path, "acme.json");

    public void Dispose() => _home.Dispose();

    [Fact]
    public void The_staging_directory_is_known_by_name_and_the_way_back_too()
    {
        Assert.Equal(("ops@shop.example", AcmeOptions.LetsEncrypt, true), AcmeFile.Keep(_home.Path, "ops@shop.example", null));
        Assert.Equal(("ops@shop.example", AcmeOptions.LetsEncryptStaging, true), AcmeFile.Keep(_home.Path, null, AcmeDirectories.LetsEncryptStaging));
        Assert.Equal(("ops@shop.example", AcmeOptions.LetsEncryptStaging, false), AcmeFile.Keep(_home.Path, "ops@shop.example", null)); // it stays what it is
        Assert.Equal(AcmeOptions.LetsEncryptStaging, Options().Directory);
        Assert.Equal(("ops@shop.example", AcmeOptions.LetsEncrypt, true), AcmeFile.Keep(_home.Path, null, AcmeDirectories.LetsEncrypt));
        Assert.Equal(AcmeOptions.LetsEncrypt, Options().Directory);
        Assert.Equal(("ops@shop.example", new Uri("https://ca.example/directory"), true), AcmeFile.Keep(_home.Path, null, "https://ca.example/directory"));
        Assert.True(Options().AgreesToTerms);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void A_name_in_the_file_itself_is_known_too_and_what_else_stands_there_stays()
    {
        System.IO.File.WriteAllText(File, """{ "directory": "letsencrypt-staging", "email": ["ops@shop.example", "other@shop.example"], "agreesToTerms": true, "dns": [{ "zone": "shop.example", "cloudflare": { "token": "t" } }] }""");

        Assert.Equal(AcmeOptions.LetsEncryptStaging, Options().Directory);
        Assert.Equal(("ops@shop.example", AcmeOptions.LetsEncryptStaging, false), AcmeFile.Keep(_home.Path, null, null));
        Assert.True(AcmeFile.Keep(_home.Path, null, AcmeDirectories.LetsEncrypt).IsNew);
        Assert.Equal(["ops@shop.example", "other@shop.example"], Options().Contacts);
        Assert.Contains("cloudflare", System.IO.File.ReadAllText(File), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ops", null, "acme/email")]
    [InlineData(null, "letsencrypt-staging", "acme/email")]
    [InlineData("ops@shop.example", "letsencrypt-production", "acme/settings")]
    [InlineData("ops@shop.example", "http://ca.example/", "acme/settings")]
    public void What_cannot_be_meant_is_refused_and_changes_nothing(string? email, string? directory, string code)
    {
        Assert.Equal(code, Assert.Throws<ProblemException>(() => AcmeFile.Keep(_home.Path, email, directory)).Problem.Code);
        Assert.False(System.IO.File.Exists(File));
    }

    private AcmeOptions Options() => AcmeSettings.Find(File)!.Options(File, _home.Path, TimeProvider.System);
}
