using System.Formats.Tar;
using Wherry.Core.Model;
using Wherry.Docker;

namespace Wherry.Server.Deployments;

/// <summary>Puts a service's files (Compose's <c>secrets</c> and <c>configs</c>) into a container.</summary>
internal static class FileMounts
{
    /// <summary>Before the start, so that the first process finds them. What stands at their place is replaced.</summary>
    public static async Task PutAsync(Engine engine, string container, IReadOnlyList<FileMount> files, CancellationToken ct)
    {
        if (files.Count > 0)
        {
            await using var tar = Pack(files);
            await engine.Containers.PutArchiveAsync(container, "/", tar, ct);
        }
    }

    private static MemoryStream Pack(IReadOnlyList<FileMount> files)
    {
        var packed = new MemoryStream();
        using (var tar = new TarWriter(packed, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var file in files)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, file.Target.TrimStart('/'))
                {
                    DataStream = new MemoryStream(file.Content),
                    Mode = (UnixFileMode)file.Mode,
                    Uid = file.Uid,
                    Gid = file.Gid,
                });
            }
        }

        packed.Position = 0;
        return packed;
    }
}
