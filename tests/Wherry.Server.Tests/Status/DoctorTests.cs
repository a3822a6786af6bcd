using Wherry.Core.Routing;
using Wherry.Server.Status;

namespace Wherry.Server.Tests.Status;

/// <summary>What `wherry doctor` says of HTTP/3.</summary>
public sealed class DoctorTests
{
    private static readonly EdgeHealth Edge = new("1", ["0.0.0.0:80"], 0, ["0.0.0.0:443"]);

    [Fact]
    public void HTTP_3_is_served_or_why_not_and_how_it_could_be()
    {
        Assert.Equal(("ok", "HTTP/3 is served over UDP on [::]:443", null), Said(Edge with { ListenHttp3 = ["[::]:443"] }));
        Assert.Equal(("ok", "no library", "install it"), Said(Edge with { Http3 = new("edge/no-quic", "no library", "install it") }));
        Assert.Equal(("warning", "taken", "stop it"), Said(Edge with { ListenHttp3 = ["[::]:443"], Http3 = new("edge/udp-port", "taken", "stop it") }));
        Assert.Equal(("ok", "HTTP/3 is not served: the edge does not listen for TLS", null), Said(Edge with { ListenTls = null }));
    }

    private static (string State, string Finding, string? Mend) Said(EdgeHealth health) => Doctor.Http3(health) is var check && check.Name == "http3" ? (check.State, check.Finding, check.Mend) : default;
}
