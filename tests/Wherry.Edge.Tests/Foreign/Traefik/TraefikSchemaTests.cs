using System.Diagnostics;
using Wherry.Edge.Foreign.Traefik;

namespace Wherry.Edge.Tests.Foreign.Traefik;

public sealed class TraefikSchemaTests
{
    private const int Many = 150;

    [Fact]
    public async Task Whatever_is_served_the_configuration_is_one_by_the_published_schema_and_the_same_as_yaml()
    {
        var (texts, refused) = (new List<string>(), 0);
        for (var seed = 0; seed < Many; seed++)
        {
            var all = new ChanceServices(seed).Next();
            var served = all.Where(s => !TraefikRefusals.Of(s.Service).Any() && !TraefikRefusals.Of(s.Mode, s.Message, s.Allow).Any()).ToArray();
            refused += all.Count - served.Length;
            var text = TraefikText.Marked(served);
            Assert.Equal(text, TraefikText.Marked([.. served.Reverse()]));
            Assert.DoesNotContain("{{", text);
            Assert.DoesNotContain("}}", text);
            texts.Add(text);
        }

        Assert.InRange(refused, Many / 10, Many * 2); // chance makes both
        Assert.Contains(texts, t => t.Contains("\"tcp\"", StringComparison.Ordinal));
        Assert.Equal("", await TraefikText.WrongsAsync(texts));
        Assert.Contains("http/middlewares/a: ", await TraefikText.WrongsAsync(["""{"http":{"middlewares":{"a":{"addPrefix":{"prefixes":["/a"]}}}}}"""])); // the judge judges
        await TraefikTakesAsync(texts);
    }

    /// <summary>Where there is a Traefik on this machine, it reads them too: it says so when it cannot.</summary>
    private static async Task TraefikTakesAsync(List<string> texts)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, "traefik")).FirstOrDefault(File.Exists);
        foreach (var text in program is null ? [] : texts.Take(20))
        {
            var folder = Directory.CreateTempSubdirectory("wherry-traefik-").FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, "wherry.yml"), text);
            using var traefik = Process.Start(new ProcessStartInfo(program!, ["--entrypoints.web.address=127.0.0.1:0", "--entrypoints.websecure.address=127.0.0.1:0", "--log.level=ERROR", $"--providers.file.directory={folder}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
            traefik.Kill();
            var said = await traefik.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await traefik.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            Directory.Delete(folder, recursive: true);
            Assert.DoesNotContain("providerName\":\"file", said);
            Assert.DoesNotContain("error while parsing rule", said);
        }
    }
}
