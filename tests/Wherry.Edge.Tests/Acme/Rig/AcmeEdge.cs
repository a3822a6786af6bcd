using System.Text.Json;
using Microsoft.Extensions.Logging;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Acme.Rig;

/// <summary>An edge that gets its certificates from an authority by itself.</summary>
internal static class AcmeEdge
{
    /// <summary>On the port that the authority looks at for one way; the other way fails, and the clock runs faster, so that the pause after that is short.</summary>
    public static Task<TestEdge> StartAsync(Pebble pebble, bool byHttp = true, TimeProvider? time = null, ILoggerFactory? logging = null) => TestEdge.StartAsync(o =>
    {
        Configure(o.Home, pebble);
        return o with { Logging = logging, Time = time ?? (byHttp ? TimeProvider.System : new FastTime(5)), Listen = [byHttp ? $"127.0.0.1:{pebble.HttpPort}" : "127.0.0.1:0"], ListenTls = [$"127.0.0.1:{(byHttp ? 0 : pebble.TlsPort)}"] };
    });

    /// <summary>Writes its <c>acme.json</c>.</summary>
    public static void Configure(string home, Pebble pebble)
    {
        var roots = Path.Combine(home, "roots.pem");
        File.WriteAllText(roots, pebble.Ca.Pem);
        File.WriteAllText(Path.Combine(home, "acme.json"), JsonSerializer.Serialize(new { directory = pebble.DirectoryUrl, email = new[] { "ops@shop.example" }, agreesToTerms = true, trustedRoots = roots }));
    }

    public static Task ObtainedAsync(TestEdge edge, string host) => Eventually.TrueAsync(
        async () => (await edge.Control.CertificatesAsync()).Any(c => c.Name == host && c.Condition is CertificateCondition.Good),
        60);
}
