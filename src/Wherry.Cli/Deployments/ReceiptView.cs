using System.Globalization;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Deployments;

/// <summary>Deployments and their receipts for a person.</summary>
internal static class ReceiptView
{
    public static void WriteList(TextWriter output, IReadOnlyList<Deployment> deployments, DateTimeOffset now)
    {
        if (deployments.Count == 0)
        {
            output.WriteLine("no deployment yet");
            return;
        }

        var table = new Table("ID", "KIND", "RELEASE", "OUTCOME", "TOOK", "QUEUED", "WHO", "PROBLEM");
        foreach (var d in deployments)
        {
            table.Add(d.Id, d.Kind, d.Release is { } release ? $"r{release}" : "-", Outcome(d), Took(d, now), Ago.Of(d.QueuedAt, now), d.Actor ?? "-", d.Problem?.Code ?? "");
        }

        table.Write(output);
    }

    public static void Write(TextWriter output, Deployment d)
    {
        output.WriteLine($"{d.Kind} {d.Project}/{d.Environment}{(d.Release is { } release ? $" r{release}" : "")}: {Outcome(d)}, by {d.Actor ?? "-"}, queued {d.QueuedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}");
        if (d.Problem is { } problem)
        {
            output.WriteLine($"  {problem.Message} ({problem.Code})");
        }

        if (d.Receipt is not { } receipt)
        {
            output.WriteLine(d.Outcome is null ? "  its receipt is written when it ends" : "  it has no receipt: it never began, or is older than receipts are");
            return;
        }

        output.WriteLine($"  took {Seconds(receipt.Seconds)}, after {Seconds(receipt.QueuedSeconds)} in the queue");
        Write(output, receipt);
    }

    private static void Write(TextWriter output, Receipt receipt)
    {
        if (receipt.Traffic is { } traffic)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  requests meanwhile: {traffic.Served:N0} served, {traffic.Failed:N0} failed"));
        }

        foreach (var build in receipt.Builds)
        {
            output.WriteLine(build.Cached ? $"  {build.Service}: built before, {Bytes.Of(build.Bytes)}" : $"  {build.Service}: built in {Seconds(build.Seconds)}, {Bytes.Of(build.Bytes)}");
        }

        if (receipt.Kept is { } kept)
        {
            output.WriteLine($"  kept: {kept.Releases} releases{(kept.Images > 0 ? $", {kept.Images} images of {Bytes.Of(kept.Bytes)}" : "")}");
            if (kept.PrunedReleases.Count > 0)
            {
                output.WriteLine($"  pruned: {string.Join(", ", kept.PrunedReleases.Select(n => $"r{n}"))}, {kept.PrunedImages} images of {Bytes.Of(kept.PrunedBytes)}");
            }
        }

        output.WriteLine();
        var table = new Table("TOOK", "OUTCOME", "STEP");
        foreach (var step in receipt.Steps)
        {
            table.Add(Seconds(step.Seconds), step.Outcome, step.Problem is { } problem ? $"{step.Text} ({problem})" : step.Text);
        }

        table.Write(output, "  ");
    }

    private static string Outcome(Deployment d) => d switch
    {
        { Outcome: { } outcome } => $"{outcome}".ToLowerInvariant(),
        { PausedBy: { } by } => $"paused by {by}",
        { StartedAt: null } => "waits",
        _ => $"{d.Stage}".ToLowerInvariant(),
    };

    private static string Took(Deployment d, DateTimeOffset now) => d.StartedAt is { } start ? Ago.Took((d.FinishedAt ?? now) - start) : "-";

    private static string Seconds(double seconds) => seconds.ToString(seconds < 0.0995 ? "0.000 's'" : seconds < 9.95 ? "0.00 's'" : "0.0 's'", CultureInfo.InvariantCulture);
}
