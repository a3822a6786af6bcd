using System.Formats.Tar;
using Wherry.Core.Model;
using Wherry.Docker.Tests.Fixture;

[assembly: AssemblyFixture(typeof(DockerHost))]

namespace Wherry.Docker.Tests.Fixture;

/// <summary>The real engine of this machine. Everything made here is labelled with the session and removed at its end.</summary>
public sealed class DockerHost : IAsyncLifetime
{
    public const string Label = "wherry-test";
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromHours(1);
    private static readonly string[] Applets = ["sh", "sleep", "cat", "echo", "printf", "dd", "md5sum", "ls", "stty", "tr", "seq", "httpd", "true", "false", "kill", "nc", "wget", "mkdir", "touch", "stat", "env", "id", "head", "tail", "yes", "trap", "test", "hostname", "nslookup", "od", "wc", "grep", "chmod"];

    public Engine Engine { get; } = new(EngineEndpoint.Local);

    public string Session { get; } = Guid.NewGuid().ToString("N")[..12];

    /// <summary>A tiny image with busybox.</summary>
    public string Image => $"wherry-test-busybox:{Session}";

    public IReadOnlyDictionary<string, string> Labels => new Dictionary<string, string> { [Label] = Session };

    /// <summary>A name that nobody else uses.</summary>
    public string Name(string word) => $"wherry-test-{word}-{Session}-{Guid.NewGuid().ToString("N")[..6]}";

    public ContainerSpec Spec(params string[] command) => new()
    {
        Name = Name("c"),
        Image = Image,
        Command = command,
        Labels = Labels,
        Restart = new(RestartCondition.No),
        StopGrace = TimeSpan.FromSeconds(1),
    };

    public async Task<string> RunAsync(ContainerSpec spec, CancellationToken ct)
    {
        var id = await Engine.Containers.CreateAsync(spec, ct);
        await Engine.Containers.StartAsync(id, ct);
        return id;
    }

    public Task<string> RunAsync(CancellationToken ct, params string[] command) => RunAsync(Spec(command), ct);

    /// <summary>Asks until the answer is yes; fails with the container's log.</summary>
    public async Task UntilAsync(string container, Func<ContainerInfo, bool> yes, CancellationToken ct)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            var info = await Engine.Containers.FindAsync(container, ct) ?? throw new InvalidOperationException($"{container} is gone");
            if (yes(info))
            {
                return;
            }

            await Task.Delay(50, ct);
        }

        var log = await Engine.Containers.LogsAsync(container, new() { Timestamps = false }, ct).Select(l => l.Text).ToListAsync(ct);
        Assert.Fail($"{container} did not get there in 10 s. Its log:\n{string.Join('\n', log)}");
    }

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        Assert.True(await Engine.AnswersAsync(ct), $"No Docker Engine answers at {Engine.Endpoint}. These tests need one: `./wherry up` installs it, or start dockerd.");
        await RemoveAsync(new Dictionary<string, string?> { [Label] = null }, LeftoverAge, ct);
        var busybox = await DebianPackage.ProgramAsync("busybox-static", "bin/busybox", ct);
        using var tar = await RootFileSystemAsync(busybox, ct);
        await Engine.Images.ImportAsync(tar, "wherry-test-busybox", Session, [$"LABEL {Label}={Session}", "ENV PATH=/bin", "CMD [\"sh\"]"], ct);
    }

    public async ValueTask DisposeAsync()
    {
        // The run may have been cancelled; what it made goes all the same.
        await RemoveAsync(new Dictionary<string, string?> { [Label] = Session }, TimeSpan.Zero, CancellationToken.None);
        Engine.Dispose();
    }

    private static async Task<MemoryStream> RootFileSystemAsync(string busybox, CancellationToken ct)
    {
        var bytes = new MemoryStream();
        await using (var tar = new TarWriter(bytes, TarEntryFormat.Gnu, leaveOpen: true))
        {
            foreach (var folder in (string[])["bin/", "tmp/", "etc/", "data/", "proc/", "sys/", "dev/"])
            {
                await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.Directory, folder) { Mode = (UnixFileMode)Convert.ToInt32("777", 8) }, ct);
            }

            await using var program = File.OpenRead(busybox);
            await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.RegularFile, "bin/busybox") { DataStream = program, Mode = (UnixFileMode)Convert.ToInt32("755", 8) }, ct);
            foreach (var applet in Applets)
            {
                await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" }, ct);
            }

            await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.RegularFile, "etc/passwd") { DataStream = new MemoryStream("root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"u8.ToArray()) }, ct);
        }

        bytes.Position = 0;
        return bytes;
    }

    private async Task RemoveAsync(IReadOnlyDictionary<string, string?> labels, TimeSpan olderThan, CancellationToken ct)
    {
        var before = DateTimeOffset.UtcNow - olderThan;
        foreach (var container in (await Engine.Containers.ListAsync(labels, all: true, ct)).Where(c => c.Created <= before))
        {
            await Engine.Containers.RemoveAsync(container.Id, TimeSpan.Zero, removeAnonymousVolumes: true, ct);
        }

        foreach (var image in (await Engine.Images.ListAsync(labels, ct)).Where(i => i.Created <= before))
        {
            await Engine.Images.RemoveAsync(ImageReference.Parse(image.Id), force: true, ct);
        }

        foreach (var network in (await Engine.Networks.ListAsync(labels, ct)).Where(n => n.Created <= before))
        {
            await Engine.Networks.RemoveAsync(network.Id, ct);
        }

        foreach (var volume in (await Engine.Volumes.ListAsync(labels, ct)).Where(v => v.Created <= before))
        {
            await Engine.Volumes.RemoveAsync(volume.Name, ct);
        }
    }
}
