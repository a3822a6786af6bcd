using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

public sealed class ImageTests(DockerHost host)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private EngineImages Images => host.Engine.Images;

    [Fact]
    public async Task An_image_tells_what_it_is()
    {
        var image = (await Images.FindAsync(ImageReference.Parse(host.Image), Stop))!;

        Assert.StartsWith("sha256:", image.Id, StringComparison.Ordinal);
        Assert.Contains(host.Image, image.Tags);
        Assert.Equal(["sh"], image.Command);
        Assert.Contains("PATH=/bin", image.Environment);
        Assert.Equal(host.Session, image.Labels[DockerHost.Label]);
        Assert.Equal("linux", image.Os);
        Assert.InRange(image.Size.Bytes, 1_000_000, 4_000_000);
        Assert.InRange(image.Created!.Value, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Equal(image.Id, (await Images.FindAsync(ImageReference.Parse(image.Id), Stop))!.Id);
        Assert.Null(await Images.FindAsync(ImageReference.Parse("wherry-no-such-image:1"), Stop));
    }

    [Fact]
    public async Task Names_are_given_and_taken_and_the_image_goes_with_its_last_one()
    {
        var (one, two) = (Name("one"), Name("two"));
        var id = await ImportAsync(one);

        await Images.TagAsync(ImageReference.Parse(id), two.Value.Split(':')[0], two.Value.Split(':')[1], Stop);
        Assert.Equal(id, (await Images.FindAsync(two, Stop))!.Id);
        Assert.Equal([one.Value, two.Value], (await Images.FindAsync(one, Stop))!.Tags.Order());

        await Images.RemoveAsync(one, Stop);
        await Images.RemoveAsync(one, Stop);
        Assert.Null(await Images.FindAsync(one, Stop));
        Assert.NotNull(await Images.FindAsync(ImageReference.Parse(id), Stop));
        await Images.RemoveAsync(two, Stop);
        Assert.Null(await Images.FindAsync(ImageReference.Parse(id), Stop));
    }

    [Fact]
    public async Task An_image_in_use_is_not_removed()
    {
        var name = Name("used");
        await ImportAsync(name);
        var container = await host.Engine.Containers.CreateAsync(host.Spec("true") with { Image = name.Value }, Stop);

        var e = await Assert.ThrowsAsync<ProblemException>(() => Images.RemoveAsync(name, Stop));

        Assert.Equal("docker/conflict", e.Problem.Code);
        await host.Engine.Containers.RemoveAsync(container, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
        await Images.RemoveAsync(name, Stop);
    }

    [Fact]
    public async Task A_saved_image_is_the_same_image_when_loaded()
    {
        var name = Name("saved");
        var id = await ImportAsync(name);
        using var tar = new MemoryStream();
        await using (var saved = await Images.SaveAsync([name], Stop))
        {
            await saved.CopyToAsync(tar, Stop);
        }

        await Images.RemoveAsync(name, Stop);
        Assert.Null(await Images.FindAsync(ImageReference.Parse(id), Stop));
        tar.Position = 0;

        Assert.Equal([name.Value], await Images.LoadAsync(tar, Stop));
        Assert.Equal(id, (await Images.FindAsync(name, Stop))!.Id);
        await Images.RemoveAsync(name, Stop);
    }

    [Fact]
    public async Task What_is_no_tar_is_refused()
    {
        using var noise = new MemoryStream("this is not a tar at all"u8.ToArray());

        var e = await Assert.ThrowsAsync<ProblemException>(() => Images.LoadAsync(noise, Stop));

        Assert.StartsWith("docker/", e.Problem.Code, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_go_by_label()
    {
        var name = Name("listed");
        var id = await ImportAsync(name);

        var listed = (await Images.ListAsync(new Dictionary<string, string?> { [DockerHost.Label] = host.Session }, Stop)).Single(i => i.Id == id);

        Assert.Equal([name.Value], listed.Tags);
        Assert.DoesNotContain(await Images.ListAsync(new Dictionary<string, string?> { [DockerHost.Label] = "another" }, Stop), i => i.Id == id);
        await Images.RemoveAsync(name, Stop);
    }

    [Fact]
    public async Task An_id_cannot_be_pulled()
    {
        var e = await Assert.ThrowsAsync<ProblemException>(() => Images.PullAsync(ImageReference.Parse($"sha256:{new string('a', 64)}"), null, null, Stop));

        Assert.Equal("image/reference", e.Problem.Code);
    }

    [Theory]
    [InlineData("redis", "redis", null, null)]
    [InlineData("redis:7", "redis", "7", null)]
    [InlineData("localhost:5000/shop/web", "localhost:5000/shop/web", null, null)]
    [InlineData("localhost:5000/shop/web:v1", "localhost:5000/shop/web", "v1", null)]
    public void A_name_comes_apart_at_the_right_colon(string text, string repository, string? tag, string? digest) =>
        Assert.Equal(new ImageName(repository, tag, digest), ImageName.Of(ImageReference.Parse(text)));

    [Fact]
    public void A_digest_is_kept_apart_from_the_tag()
    {
        var digest = $"sha256:{new string('a', 64)}";

        Assert.Equal(new ImageName("ghcr.io/a/b", "1", digest), ImageName.Of(ImageReference.Parse($"ghcr.io/a/b:1@{digest}")));
    }

    private ImageReference Name(string word) => ImageReference.Parse($"wherry-test-{word}:{host.Session}-{Guid.NewGuid().ToString("N")[..6]}");

    private async Task<string> ImportAsync(ImageReference name)
    {
        using var tar = new MemoryStream();
        await using (var writer = new System.Formats.Tar.TarWriter(tar, leaveOpen: true))
        {
            await writer.WriteEntryAsync(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, name.Value.Replace(':', '-')) { DataStream = new MemoryStream([1, 2, 3]) }, Stop);
        }

        tar.Position = 0;
        var parts = name.Value.Split(':');
        return await Images.ImportAsync(tar, parts[0], parts[1], [$"LABEL {DockerHost.Label}={host.Session}", "CMD [\"true\"]"], Stop);
    }
}
