using System.CommandLine;
using System.Globalization;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Disk;

/// <summary><c>wherry disk</c>, <c>wherry disk clean</c>: what takes room, and removing what nobody needs.</summary>
internal static class DiskCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("disk", "Shows what takes room on the disks; cleans up what nobody can go back to", "wherry disk", "wherry disk clean --dry-run", "wherry disk clean --build-cache"),
        BuildShow(verbs),
        [BuildClean(verbs)]);

    private static Command BuildShow(Verbs verbs) => verbs.On(new Verb("show", "Shows disks, budget, forecast and what takes room"), async (call, ct) =>
    {
        var report = await call.Client.DiskAsync(ct);
        call.Print(report, ClientJson.Default.DiskReport, o => Write(o, report, call.World.Time.GetUtcNow(), call.World.ColourOut));
        return report.Disks.Any(d => d.State == "problem") ? Exit.Rejected : Exit.Ok;
    });

    private static Command BuildClean(Verbs verbs)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would be removed" };
        var cache = new Option<bool>("--build-cache") { Description = "Also the engine's build cache that was not used for a day, whosever builds made it" };
        return verbs.On(new Verb("clean", "Removes what nobody can go back to, least recently used first", "wherry disk clean --dry-run") { dryRun, cache }, async (call, ct) =>
        {
            var cleaned = await call.Client.CleanDiskAsync(call.Get(dryRun), call.Get(cache), ct);
            call.Print(cleaned, ClientJson.Default.DiskCleaned, o => Write(o, cleaned));
            return Exit.Ok;
        });
    }

    internal static void Write(TextWriter output, DiskReport report, DateTimeOffset now, bool colour)
    {
        foreach (var disk in report.Disks)
        {
            var mark = disk.State switch { "ok" => Paint.Green("✓", colour), "warning" => Paint.Yellow("!", colour), _ => Paint.Red("✗", colour) };
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{mark} {disk.Name} at {disk.MountedAt}: {Bytes.Of(disk.FreeBytes)} of {Bytes.Of(disk.Bytes)} free, {disk.UsedPercent:0.#} % used (budget {disk.BudgetPercent} %; below {Bytes.Of(disk.FloorBytes)} free deployments are refused)"));
            if (disk.FullAt is { } full)
            {
                output.WriteLine($"  full in about {Ago.Short(full - now)} at this pace");
            }
        }

        output.WriteLine();
        var table = new Table("WHAT", "PROJECT", "SIZE", "WHOSE");
        foreach (var use in report.Uses)
        {
            table.Add(use.What, use.Project ?? "-", Bytes.Of(use.Bytes), use.Own ? "Wherry's" : "of the whole engine");
        }

        table.Write(output);
    }

    internal static void Write(TextWriter output, DiskCleaned cleaned)
    {
        var table = new Table("WHAT", "NAME", "SIZE", "WHY");
        foreach (var removal in cleaned.Removed)
        {
            table.Add(removal.What, removal.Name, Bytes.Of(removal.Bytes), removal.Why);
        }

        table.Write(output);
        output.WriteLine(cleaned.Removed.Count == 0 ? "nothing to clean up" : $"{cleaned.Removed.Count} {(cleaned.DryRun ? "would go" : "removed")}, {Bytes.Of(cleaned.Bytes)} with shared layers");
    }
}
