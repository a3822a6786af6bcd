namespace Wherry.Client;

/// <summary>What a deployment cost and what became of everything: written when it ends, kept with it.</summary>
/// <param name="Seconds">From its start to its end.</param>
/// <param name="QueuedSeconds">That it waited for its turn before.</param>
/// <param name="Steps">What it did, in order, preparation included.</param>
/// <param name="Traffic">The environment's requests meanwhile; <see langword="null"/> when it has no routes, or the edge could not be asked.</param>
/// <param name="Kept">What can be gone back to, and what was given up; <see langword="null"/> when it did not end well.</param>
public sealed record Receipt(double Seconds, double QueuedSeconds, IReadOnlyList<ReceiptStep> Steps, ReceiptTraffic? Traffic, IReadOnlyList<ReceiptBuild> Builds, ReceiptKept? Kept);

/// <param name="Kind">For programs: <c>prepare</c>, <c>start-replicas</c>, <c>switch-traffic</c>, …</param>
/// <param name="Outcome"><c>done</c>, <c>skipped</c> or <c>failed</c>.</param>
/// <param name="Problem">Code of the problem that it failed or was skipped with.</param>
public sealed record ReceiptStep(string Text, string Kind, string? Service, string Outcome, double Seconds, string? Problem);

/// <param name="Served">Requests that were finished while the deployment ran.</param>
/// <param name="Failed">Requests that were answered 5xx while it ran, whoever failed them.</param>
public sealed record ReceiptTraffic(long Served, long Failed);

/// <param name="Cached">The tree was built before: nothing was built.</param>
/// <param name="Bytes">Size of the image, layers that it shares included.</param>
public sealed record ReceiptBuild(string Service, bool Cached, double Seconds, long Bytes);

/// <param name="Releases">Releases whose images are there.</param>
/// <param name="Images">Images that were built for this project and are there; with <paramref name="Bytes"/>, layers that they share counted for each.</param>
/// <param name="PrunedReleases">Releases whose images were given up by this deployment.</param>
/// <param name="PrunedImages">Images that were removed, with <paramref name="PrunedBytes"/>.</param>
public sealed record ReceiptKept(int Releases, int Images, long Bytes, IReadOnlyList<int> PrunedReleases, int PrunedImages, long PrunedBytes);
