using System.Text;

namespace Wherry.Edge.Files;

/// <summary>Writes files of which at any moment either the old or the new one is there, whole. When a write returns, a power cut keeps the new one.</summary>
internal static class WholeFile
{
    /// <param name="path">In a folder that is there.</param>
    /// <param name="content">Writes it.</param>
    /// <param name="mode">Who may read and write it, whatever the process's mask is.</param>
    /// <exception cref="IOException">The old file is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">The old file is untouched.</exception>
    public static void Write(string path, Action<Stream> content, UnixFileMode mode)
    {
        var next = path + ".next";
        File.Delete(next); // one left by a crash would keep its mode
        using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = PrivateFile.OwnerOnly }))
        {
            content(file);
            File.SetUnixFileMode(file.SafeFileHandle, mode);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
        FolderSync.Flush(Path.GetDirectoryName(path)!);
    }

    /// <inheritdoc cref="Write(string, Action{Stream}, UnixFileMode)"/>
    public static void Write(string path, string text, UnixFileMode mode) => Write(path, file => file.Write(Encoding.UTF8.GetBytes(text)), mode);
}
