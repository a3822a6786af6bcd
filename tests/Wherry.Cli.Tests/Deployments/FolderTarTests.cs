using System.Diagnostics;
using System.Formats.Tar;
using Wherry.Cli.Deployments;

namespace Wherry.Cli.Tests.Deployments;

public sealed class FolderTarTests
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_but_git_is_sent_in_a_fixed_order()
    {
        using var folder = A.Folder();
        folder.Write(".git/HEAD", "x");
        folder.Write("vendor/lib/.git", "gitdir: elsewhere");
        folder.Write("vendor/lib/code.js");
        folder.Write(".env");
        folder.Write("compose.yaml");
        folder.Write(".gitignore", "*.js");

        Assert.Equal([".env", ".gitignore", "compose.yaml", "vendor/", "vendor/lib/", "vendor/lib/code.js"], (await SendAsync(folder.Path)).Select(e => e.Name));
    }

    [Fact]
    public async Task A_lone_dockerfile_has_its_dockerignore_heeded()
    {
        using var folder = A.Folder();
        folder.Write("Dockerfile");
        folder.Write(".dockerignore", "node_modules\n*.md\n!README.md\nDockerfile\n");
        folder.Write("node_modules/a/index.js");
        folder.Write("notes.md");
        folder.Write("README.md");
        folder.Write("server.js");

        Assert.Equal([".dockerignore", "Dockerfile", "README.md", "server.js"], (await SendAsync(folder.Path)).Select(e => e.Name));
    }

    [Fact]
    public async Task With_a_compose_file_each_builds_own_dockerignore_is_left_to_the_server()
    {
        using var folder = A.Folder();
        folder.Write("Dockerfile");
        folder.Write("compose.yml");
        folder.Write(".dockerignore", "docs\n");
        folder.Write("docs/page.md");

        Assert.Contains("docs/page.md", (await SendAsync(folder.Path)).Select(e => e.Name));
    }

    [Fact]
    public async Task Symlinks_stay_symlinks_also_when_they_lead_out()
    {
        using var folder = A.Folder();
        File.CreateSymbolicLink(Path.Combine(folder.Path, "out"), "/etc/passwd");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "dangling"), "nowhere");
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "up"), "..");

        var sent = await SendAsync(folder.Path);

        Assert.All(sent, e => Assert.Equal(TarEntryType.SymbolicLink, e.EntryType));
        Assert.Equal(["nowhere", "/etc/passwd", ".."], sent.Select(e => e.LinkName));
    }

    [Fact]
    public async Task Modes_contents_and_odd_names_arrive_as_they_are()
    {
        using var folder = A.Folder();
        File.SetUnixFileMode(folder.Write("bin/run", "#!/bin/sh\n"), (UnixFileMode)Convert.ToInt32("750", 8));
        folder.Write("ünï \n name.txt", "grüße");

        var sent = await SendAsync(folder.Path);

        Assert.Equal("750", Convert.ToString((int)sent.Single(e => e.Name == "bin/run").Mode, 8));
        Assert.Equal("grüße"u8.ToArray(), sent.Single(e => e.Name == "ünï \n name.txt").Content);
    }

    [Fact]
    public async Task Pipes_and_sockets_are_left_out()
    {
        using var folder = A.Folder();
        folder.Write("a.txt");
        using var mkfifo = Process.Start("mkfifo", [Path.Combine(folder.Path, "pipe")]);
        await mkfifo.WaitForExitAsync(Now);

        Assert.Equal(["a.txt"], (await SendAsync(folder.Path)).Select(e => e.Name));
    }

    [Fact]
    public async Task A_file_that_grows_while_it_is_sent_keeps_the_length_it_was_announced_with()
    {
        using var folder = A.Folder();
        var log = folder.Write("app.log", "12345");
        await using var file = File.OpenRead(log);
        await using var content = new FixedLengthStream(file, "app.log");
        await File.AppendAllTextAsync(log, "6789", Now);

        using var read = new MemoryStream();
        await content.CopyToAsync(read, Now);

        Assert.Equal("12345"u8.ToArray(), read.ToArray());
    }

    private static async Task<List<Sent>> SendAsync(string folder)
    {
        using var tar = new MemoryStream();
        await FolderTar.Of(folder).WriteAsync(tar, Now);
        tar.Position = 0;
        var sent = new List<Sent>();
        await using var reader = new TarReader(tar);
        while (await reader.GetNextEntryAsync(copyData: true, Now) is { } entry)
        {
            using var content = new MemoryStream();
            await (entry.DataStream?.CopyToAsync(content, Now) ?? Task.CompletedTask);
            sent.Add(new(entry.Name, entry.EntryType, entry.LinkName, entry.Mode, content.ToArray()));
        }

        return sent;
    }

    private sealed record Sent(string Name, TarEntryType EntryType, string LinkName, UnixFileMode Mode, byte[] Content);
}
