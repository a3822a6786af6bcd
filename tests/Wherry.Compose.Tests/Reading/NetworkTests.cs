namespace Wherry.Compose.Tests.Reading;

/// <summary>Networks with addresses of the file's choice.</summary>
public sealed class NetworkTests
{
    [Fact]
    public void DC_08_Ranges_and_addresses_are_read()
    {
        var model = A.Model("""
            services:
              web:
                image: x
                networks:
                  front: { ipv4_address: 172.28.0.5, ipv6_address: "fd00:80::5", mac_address: 02:42:AC:11:00:05, link_local_ips: [169.254.1.1], driver_opts: { a: 1 }, gw_priority: -1, interface_name: eth7 }
            networks:
              front:
                enable_ipv6: true
                attachable: true
                ipam: { driver: default, config: [{ subnet: 172.28.0.0/16, ip_range: 172.28.5.0/24, gateway: 172.28.0.1, aux_addresses: { router: 172.28.0.2 } }, { subnet: "fd00:80::/64" }] }
            """);

        var front = model.Networks["front"];
        Assert.Equal((true, true), (front.EnableIpv6, front.Attachable));
        Assert.Equal(["172.28.0.0/16", "fd00:80::/64"], front.Ipam!.Pools.Select(p => p.Subnet));
        Assert.Equal(("172.28.5.0/24", "172.28.0.1", "172.28.0.2"), (front.Ipam.Pools[0].Range, front.Ipam.Pools[0].Gateway, front.Ipam.Pools[0].Reserved["router"]));
        var place = A.Service(model, "web").Networks["front"];
        Assert.Equal(("172.28.0.5", "fd00:80::5", "02:42:ac:11:00:05"), (place.Ipv4Address, place.Options!.Ipv6Address, place.Options.MacAddress));
        Assert.Equal((-1, "eth7", "1"), (place.Options.GatewayPriority, place.Options.InterfaceName, place.Options.DriverOptions!["a"]));
        Assert.Equal(["169.254.1.1"], place.Options.LinkLocalIps);
    }

    [Theory]
    [InlineData("ipam: { config: [{ subnet: 172.28.0.0 }] }", "is not a range of addresses")]
    [InlineData("ipam: { config: [{ subnet: 172.28.0.0/40 }] }", "is not a range of addresses")]
    [InlineData("ipam: { config: [{ gateway: 172.28.0.1 }] }", "needs a subnet")]
    [InlineData("ipam: { config: [{ subnet: 172.28.0.0/16, gateway: here }] }", "is not an address")]
    public void A_wrong_range_is_told(string network, string words) =>
        Assert.Contains(words, A.Problem($"services: {{ web: {{ image: x }} }}\nnetworks: {{ front: {{ {network} }} }}").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("networks: { default: { ipv6_address: 172.28.0.5 } }", "is not an IPv6 address")]
    [InlineData("networks: { default: { ipv4_address: 172.28.0.5 } }\nscale: 2", "2 replicas cannot share one address in default")]
    public void A_wrong_address_is_told(string body, string words) => Assert.Contains(words, A.WebProblem(body).Message, StringComparison.Ordinal);
}
