using Wherry.Edge.Foreign.Traefik;

namespace Wherry.Edge.Tests.Foreign.Traefik;

public sealed class TraefikOptionsTests
{
    [Theory]
    [InlineData("/etc/traefik/wherry")]
    [InlineData("/etc/traefik/wherry http=plain tls=secure resolver=letsencrypt asks=http://127.0.0.1:8000 settles=0.5")]
    public void What_is_written_is_read_again(string text) => Assert.Equal(text, TraefikOptions.Parse(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("relative/path")]
    [InlineData("/etc/with\"quote")]
    [InlineData("/etc/traefik resolver=")]
    [InlineData("/etc/traefik resolver=a`b")]
    [InlineData("/etc/traefik settles=-1")]
    [InlineData("/etc/traefik settles=60")]
    [InlineData("/etc/traefik asks=https://127.0.0.1")]
    [InlineData("/etc/traefik asks=http://127.0.0.1/path")]
    [InlineData("/etc/traefik what=else")]
    public void What_cannot_be_meant_is_not_read(string text) => Assert.Null(TraefikOptions.Parse(text));
}
