using Wherry.Core.Model;

namespace Wherry.Compose.Tests.Reading;

public sealed class PortTests
{
    [Theory]
    [InlineData("80", null, null, 80, "tcp")]
    [InlineData("80/udp", null, null, 80, "udp")]
    [InlineData("8080:80", null, 8080, 80, "tcp")]
    [InlineData("8080:80/TCP", null, 8080, 80, "tcp")]
    [InlineData("127.0.0.1:8080:80", "127.0.0.1", 8080, 80, "tcp")]
    [InlineData("127.0.0.1::80/sctp", "127.0.0.1", null, 80, "sctp")]
    [InlineData("[::1]:8080:80", "::1", 8080, 80, "tcp")]
    [InlineData("::1:8080:80", "::1", 8080, 80, "tcp")]
    [InlineData("[2001:db8::1]::80", "2001:db8::1", null, 80, "tcp")]
    public void UC_021_Short_form_is_read(string text, string? address, int? host, int container, string protocol) =>
        Assert.Equal([new PublishedPort(address, host, container, protocol)], A.Web($"ports: ['{text}']").Ports);

    [Fact]
    public void UC_021_Numbers_and_ranges_are_read()
    {
        Assert.Equal([new PublishedPort(null, null, 80, "tcp")], A.Web("ports: [80]").Ports);
        Assert.Equal([3000, 3001, 3002], A.Web("ports: [3000-3002]").Ports.Select(p => p.ContainerPort));
        Assert.Equal(
            [new("10.0.0.1", 9000, 80, "udp"), new PublishedPort("10.0.0.1", 9001, 81, "udp")],
            A.Web("ports: ['10.0.0.1:9000-9001:80-81/udp']").Ports);
    }

    [Fact]
    public void UC_021_Long_form_with_host_mode_is_read() =>
        Assert.Equal(
            [new("127.0.0.1", 8080, 80, "udp", PublishMode.Host), new PublishedPort(null, null, 90, "tcp")],
            A.Web("""
                ports:
                  - target: 80
                    published: "8080"
                    host_ip: 127.0.0.1
                    protocol: udp
                    mode: host
                  - target: 90
                """).Ports);

    [Theory]
    [InlineData("ports: ['8080:80', { target: 81, published: 8080 }]", "services.web.ports[1]: host port 8080/tcp is bound twice")]
    [InlineData("ports: ['8080:80', '127.0.0.1:8080:81']", "services.web.ports[1]: host port 8080/tcp is bound twice")]
    public void UC_021_Two_forms_for_one_host_port_are_refused(string body, string message) =>
        Assert.Contains(message, A.WebProblem(body).Message, StringComparison.Ordinal);

    [Fact]
    public void The_same_host_port_on_two_addresses_or_protocols_is_fine() =>
        Assert.Equal(3, A.Web("ports: ['127.0.0.1:53:53', '127.0.0.2:53:53', '53:53/udp', '53:53/udp']").Ports.Count);

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("http")]
    [InlineData("80:http")]
    [InlineData("-80")]
    [InlineData("90-80")]
    [InlineData("1-65535")]
    [InlineData("80/icmp")]
    [InlineData("80-81:80-82")]
    [InlineData("8000-9000:80")]
    [InlineData("example.com:80:80")]
    [InlineData("1:2:3:4")]
    [InlineData("127.1:80:80")]
    [InlineData("fe80::1%eth0:80:80")]
    [InlineData("")]
    [InlineData(" 80")]
    public void A_wrong_port_is_refused_at_its_place(string text)
    {
        var problem = A.WebProblem($"ports:\n  - '{text}'");

        Assert.Equal("compose/value", problem.Code);
        Assert.StartsWith("compose.yaml:5:9 services.web.ports[0]: ", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ports: [{ published: 80 }]", "needs target")]
    [InlineData("ports: [{ target: 80, protocol: http }]", "is not one of tcp, udp, sctp")]
    [InlineData("ports: [{ target: 80, mode: global }]", "is not one of host, ingress")]
    [InlineData("ports: [{ target: 80, publishd: 80 }]", "did you mean \"published\"?")]
    [InlineData("ports: 80", "must be a list but is a number")]
    public void A_wrong_long_form_is_refused(string body, string message) =>
        Assert.Contains(message, A.WebProblem(body).Message, StringComparison.Ordinal);

    [Fact]
    public void Many_ports_are_refused_instead_of_filling_memory()
    {
        var body = "expose: [" + string.Join(", ", Enumerable.Range(0, 60).Select(i => $"{1 + (i * 1000)}-{(i + 1) * 1000}")) + "]";

        Assert.Contains("more than 2000 ports", A.WebProblem(body).Message, StringComparison.Ordinal);
        Assert.Contains("more than 2000 ports", A.WebProblem(body.Replace("expose", "ports", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exposed_ports_are_read_once_each() =>
        Assert.Equal(
            [new(3000, "tcp"), new(53, "udp"), new(8000, "tcp"), new ExposedPort(8001, "tcp")],
            A.Web("expose: [3000, '53/udp', 8000-8001, '3000']").Expose);

    [Fact]
    public void Replicas_cannot_share_a_host_port()
    {
        Assert.Contains("2 replicas cannot share host port 8080/udp", A.WebProblem("ports: ['8080:80/udp']\nscale: 2").Message, StringComparison.Ordinal);
        Assert.Contains("2 replicas cannot share host port 8080/tcp", A.WebProblem("ports: [{ target: 80, published: 8080, mode: host }]\nscale: 2").Message, StringComparison.Ordinal);
        Assert.All(new[] { "80", "8080:80" }, port => Assert.Equal(2, A.Web($"ports: ['{port}']\nscale: 2").Replicas));
    }
}
