namespace Wherry.Client;

/// <summary>Answer of <c>GET /api/v1/disk</c>: the disks, and what of them Wherry and its engine use.</summary>
/// <param name="Uses">Largest first. Layers that images share are counted with each project.</param>
public sealed record DiskReport(IReadOnlyList<DiskState> Disks, IReadOnlyList<DiskItem> Uses);

/// <summary>A disk that Wherry or its engine writes to.</summary>
/// <param name="Name">The device.</param>
/// <param name="Holds">Folders of Wherry or the engine on it.</param>
/// <param name="BudgetPercent">Share of the disk that may be used before it is reported and cleaned.</param>
/// <param name="FloorBytes">Below this much free space deployments are refused.</param>
/// <param name="FullAt">When it is full if it goes on like this; <see langword="null"/> when it does not grow, or it is too early to say.</param>
/// <param name="State"><c>ok</c>, <c>warning</c> over the budget or full within a week, <c>problem</c> when deployments are refused.</param>
public sealed record DiskState(string Name, string MountedAt, IReadOnlyList<string> Holds, long Bytes, long FreeBytes, double UsedPercent, int BudgetPercent, long FloorBytes, DateTimeOffset? FullAt, string State);

/// <summary>Something that takes room.</summary>
/// <param name="What"><c>images</c>, <c>build cache</c>, <c>volumes</c>, <c>containers</c>, <c>logs</c>, <c>repositories</c>, <c>sources</c>, <c>edge</c> or <c>store</c>.</param>
/// <param name="Project">Whose; <see langword="null"/>: not of one project.</param>
/// <param name="Own">It is Wherry's; otherwise it is, at least in part, of others on the same engine.</param>
public sealed record DiskItem(string What, string? Project, long Bytes, bool Own);

/// <summary>What a clean-up removed, or with <c>dryRun</c> would remove.</summary>
/// <param name="Bytes">All of it; shared layers make the space that is won smaller.</param>
public sealed record DiskCleaned(bool DryRun, IReadOnlyList<DiskRemoval> Removed, long Bytes);

/// <param name="What">The kind: <c>image</c>, <c>build cache</c>, <c>deployment log</c>, <c>upload</c>, <c>source</c> or <c>push</c>.</param>
/// <param name="Why">Why nobody needs it.</param>
public sealed record DiskRemoval(string What, string Name, long Bytes, string Why);
