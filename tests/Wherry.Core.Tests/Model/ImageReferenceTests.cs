using Wherry.Core.Model;

namespace Wherry.Core.Tests.Model;

public sealed class ImageReferenceTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("nginx")]
    [InlineData("nginx:1.27-alpine")]
    [InlineData("library/nginx:latest")]
    [InlineData("ghcr.io/owner/name/part:v1")]
    [InlineData("registry.example.com:5000/team/app:2026.01.01")]
    [InlineData("localhost/app")]
    [InlineData("localhost:5000/app")]
    [InlineData("registry:5000/app")]
    [InlineData("Registry.Example.com/app")]
    [InlineData("my_app__two--three.four")]
    [InlineData("app@" + Digest)]
    [InlineData("app:1@" + Digest)]
    [InlineData("app:Tag_With.All-Of_it")]
    [InlineData(Digest)]
    public void DP_07_Good_references_are_kept_as_they_are(string text) => Assert.Equal(text, ImageReference.Parse(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData("-x")]
    [InlineData("-x.example.com/app")]
    [InlineData("--privileged")]
    [InlineData("App")]
    [InlineData("app:")]
    [InlineData("app:-1")]
    [InlineData("app:a:b")]
    [InlineData("app@sha256:123")]
    [InlineData("app@md5:0123456789abcdef0123456789abcdef")]
    [InlineData("app\n")]
    [InlineData("app\nFROM evil")]
    [InlineData("app name")]
    [InlineData("https://registry.example.com/app")]
    [InlineData("../app")]
    [InlineData("/app")]
    [InlineData("app/")]
    [InlineData("a..b")]
    [InlineData("registry.example.com:port/app")]
    [InlineData("app$(id)")]
    public void DP_07_Bad_references_are_refused(string text) => ValueTests.AssertParses("image/reference", null, () => ImageReference.Parse(text).Value);

    [Theory]
    [InlineData(Digest, true)]
    [InlineData("app@" + Digest, false)]
    [InlineData("sha256:latest", false)]
    public void Only_an_id_is_one_exact_image(string text, bool expected) => Assert.Equal(expected, ImageReference.Parse(text).IsId);

    [Fact]
    public void A_long_hostile_reference_is_refused_quickly()
    {
        var start = TimeProvider.System.GetTimestamp();
        ValueTests.AssertParses("image/reference", null, () => ImageReference.Parse(string.Concat(Enumerable.Repeat("a.a-", 127)) + "!").Value);

        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }
}
