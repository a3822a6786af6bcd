using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

public sealed class RegistryTests(DockerHost host)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private EngineImages Images => host.Engine.Images;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_image_goes_to_a_registry_and_comes_back_the_same(bool withPassword)
    {
        await using var registry = new Registry(withPassword);
        await registry.StartAsync(Stop);
        var credential = withPassword ? registry.Credential : null;
        var name = ImageReference.Parse($"{registry.Address}/shop/web:{host.Session}");
        var id = (await Images.FindAsync(ImageReference.Parse(host.Image), Stop))!.Id;
        await Images.TagAsync(ImageReference.Parse(id), $"{registry.Address}/shop/web", host.Session, Stop);
        var (up, down) = (new Reports<PullProgress>(), new Reports<PullProgress>());

        var digest = await Images.PushAsync(name, credential, up, Stop);
        await Images.RemoveAsync(name, Stop);
        Assert.Null(await Images.FindAsync(name, Stop));
        var pulled = await Images.PullAsync(name, credential, down, Stop);

        Assert.Equal(id, pulled.Id);
        Assert.Contains($"{registry.Address}/shop/web@{digest}", pulled.Digests);
        Assert.Contains(up.All, p => p.Layer is not null && p.Status.Length > 0);
        Assert.NotEmpty(down.All);

        var byDigest = ImageReference.Parse($"{registry.Address}/shop/web@{digest}");
        await Images.RemoveAsync(name, Stop);
        Assert.Equal(id, (await Images.PullAsync(byDigest, credential, null, Stop)).Id);
        await Images.RemoveAsync(byDigest, Stop);
    }

    [Fact]
    public async Task A_registry_with_a_password_lets_nobody_else_in()
    {
        await using var registry = new Registry(withPassword: true);
        await registry.StartAsync(Stop);
        var name = ImageReference.Parse($"{registry.Address}/shop/web:1");
        await Images.TagAsync(ImageReference.Parse(host.Image), $"{registry.Address}/shop/web", "1", Stop);
        var wrong = registry.Credential with { Password = "guess" };

        foreach (var credential in (RegistryCredential?[])[null, wrong])
        {
            var pull = await Assert.ThrowsAsync<ProblemException>(() => Images.PullAsync(name, credential, null, Stop));
            var push = await Assert.ThrowsAsync<ProblemException>(() => Images.PushAsync(name, credential, null, Stop));
            Assert.Equal(("image/denied", "image/denied"), (pull.Problem.Code, push.Problem.Code));
            Assert.Contains(name.Value, push.Problem.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("guess", pull.Problem.Message + push.Problem.Message, StringComparison.Ordinal);
        }

        await Images.RemoveAsync(name, Stop);
    }

    [Fact]
    public async Task An_image_that_the_registry_does_not_have_is_named()
    {
        await using var registry = new Registry(withPassword: false);
        await registry.StartAsync(Stop);
        var name = ImageReference.Parse($"{registry.Address}/no/such:9");

        var e = await Assert.ThrowsAsync<ProblemException>(() => Images.PullAsync(name, null, null, Stop));

        Assert.Equal("image/not-found", e.Problem.Code);
        Assert.Contains(name.Value, e.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_that_is_not_there_is_told_apart_from_an_image_that_is_not_there()
    {
        var e = await Assert.ThrowsAsync<ProblemException>(() => Images.PullAsync(ImageReference.Parse("127.0.0.1:1/no/registry:1"), null, null, Stop));

        Assert.Equal("image/registry-unreachable", e.Problem.Code);
    }

    [Fact]
    public void A_credential_never_shows_its_password() => Assert.DoesNotContain("opensesame", new RegistryCredential("r", "u", "opensesame").ToString(), StringComparison.Ordinal);
}
