using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Docker;

namespace Wherry.Server.Disk;

/// <summary>Measures what takes room.</summary>
internal sealed class DiskUses(Engine engine, HomeId home, ServerOptions options)
{
    private const int Named = 4;

    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>What the engine and the state folder hold, largest first. Takes the engine seconds.</summary>
    public async Task<IReadOnlyList<DiskItem>> MeasureAsync(CancellationToken ct)
    {
        var whole = engine.DiskUseAsync(ct);
        var labels = new Dictionary<string, string?> { [Labels.Home] = home.Value };
        var images = (await engine.Images.ListAsync(labels, ct)).GroupBy(i => i.Labels.GetValueOrDefault(Labels.Project)).Select(g => new DiskItem("images", g.Key, g.Sum(i => i.Size.Bytes), Own: true));
        var owners = (await engine.Volumes.ListAsync(labels, ct)).ToDictionary(v => v.Name, v => v.Labels.GetValueOrDefault(Labels.Project), StringComparer.Ordinal);
        var all = await whole;
        var volumes = all.ByVolume.GroupBy(v => (Own: owners.ContainsKey(v.Name), Project: owners.GetValueOrDefault(v.Name))).Select(g => new DiskItem("volumes", g.Key.Project, g.Sum(v => v.Size.Bytes), g.Key.Own));
        IEnumerable<DiskItem> found =
        [
            new("images", null, all.Images.Bytes, Own: false),
            new("build cache", null, all.BuildCache.Bytes, Own: false),
            new("containers", null, all.Containers.Bytes, Own: false),
            .. images,
            .. volumes,
            .. Folders(),
        ];
        return [.. found.Where(u => u.Bytes > 0).OrderByDescending(u => u.Bytes)];
    }

    /// <summary>The largest, for a sentence: <c>images 12 GB</c>.</summary>
    public static IReadOnlyList<string> Largest(IEnumerable<DiskItem> uses) =>
        [.. uses.Where(u => u.What != "images" || u.Project is null).Take(Named).Select(u => $"{u.What}{(u.Project is { } project ? $" of {project}" : "")} {ByteSize.Of(u.Bytes)}")];

    private IEnumerable<DiskItem> Folders() =>
    [
        new("logs", null, SizeOf(options.Logs), Own: true),
        new("repositories", null, SizeOf(options.Repositories), Own: true),
        new("sources", null, SizeOf(options.Builds), Own: true),
        new("edge", null, SizeOf(Path.Combine(options.Home, "edge")), Own: true),
        new("store", null, Directory.EnumerateFiles(options.Home, "wherry.db*").Sum(f => new FileInfo(f).Length), Own: true),
    ];

    internal static long SizeOf(string folder) => Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", Everything).Sum(Length) : 0;

    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0; // removed in between
        }
    }
}
