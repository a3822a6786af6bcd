using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>What the engine's objects take on its disk.</summary>
/// <param name="Images">All layers, shared ones counted once.</param>
/// <param name="Containers">Writable layers.</param>
/// <param name="BuildCache">Of BuildKit.</param>
public sealed record DiskUse(ByteSize Images, ByteSize Containers, ByteSize Volumes, ByteSize BuildCache, IReadOnlyList<VolumeUse> ByVolume)
{
    public ByteSize Total => ByteSize.Of(Images.Bytes + Containers.Bytes + Volumes.Bytes + BuildCache.Bytes);
}

/// <summary>Size of one volume.</summary>
/// <param name="Containers">Containers that mount it.</param>
public sealed record VolumeUse(string Name, ByteSize Size, int Containers);

internal sealed record DiskUseWire
{
    public long LayersSize { get; init; }

    public IReadOnlyList<ContainerSizeWire>? Containers { get; init; }

    public IReadOnlyList<VolumeWire>? Volumes { get; init; }

    public IReadOnlyList<CacheRecordWire>? BuildCache { get; init; }

    public DiskUse ToDiskUse()
    {
        var volumes = (Volumes ?? []).Select(v => new VolumeUse(v.Name ?? "", ByteSize.Of(Math.Max(0, v.UsageData?.Size ?? 0)), (int)Math.Max(0, v.UsageData?.RefCount ?? 0))).ToArray();
        return new(
            ByteSize.Of(LayersSize),
            ByteSize.Of(Containers?.Sum(c => c.SizeRw) ?? 0),
            ByteSize.Of(volumes.Sum(v => v.Size.Bytes)),
            // What is shared with an image is already counted there.
            ByteSize.Of(BuildCache?.Where(c => !c.Shared).Sum(c => c.Size) ?? 0),
            volumes);
    }
}

internal sealed record ContainerSizeWire(long SizeRw);

internal sealed record CacheRecordWire(long Size, bool Shared);
