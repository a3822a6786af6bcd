using Wherry.Core.Model;

namespace Wherry.Core.Tests.Model;

public sealed class HostNameTests
{
    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("EXAMPLE.com", "example.com")]
    [InlineData("localhost", "localhost")]
    [InlineData("hello.localhost", "hello.localhost")]
    [InlineData("*.example.com", "*.example.com")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("*.BÜCHER.example", "*.xn--bcher-kva.example")]
    [InlineData("_dmarc.example.com", "_dmarc.example.com")]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("", null)]
    [InlineData("*", null)]
    [InlineData("*.*.example.com", null)]
    [InlineData("a.*.example.com", null)]
    [InlineData("*example.com", null)]
    [InlineData("example.com.", null)]
    [InlineData(".example.com", null)]
    [InlineData("a..b", null)]
    [InlineData("example.com:8080", null)]
    [InlineData("https://example.com", null)]
    [InlineData("example.com/path", null)]
    [InlineData("-a.com", null)]
    [InlineData("a-.com", null)]
    [InlineData("a b.com", null)]
    [InlineData("example.com\n", null)]
    [InlineData("[::1]", null)]
    [InlineData("a123456789b123456789c123456789d123456789e123456789f123456789abcd.com", null)]
    public void Hosts(string text, string? expected) => ValueTests.AssertParses("route/host", expected, () => HostName.Parse(text).Value);

    [Fact]
    public void A_name_has_at_most_253_characters()
    {
        var label = new string('a', 49) + ".";

        Assert.Equal(253, HostName.Parse(string.Concat(Enumerable.Repeat(label, 5)) + "abc").Value.Length);
        ValueTests.AssertParses("route/host", null, () => HostName.Parse(string.Concat(Enumerable.Repeat(label, 5)) + "abcd").Value);
    }

    [Fact]
    public void Only_a_star_in_front_is_a_wildcard()
    {
        Assert.True(HostName.Parse("*.example.com").IsWildcard);
        Assert.False(HostName.Parse("example.com").IsWildcard);
    }
}
