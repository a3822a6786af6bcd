using System.Text;
using Wherry.Core.Problems;

namespace Wherry.Edge.Files;

/// <summary>Files for their owner only (mode 0600): at any moment either the old or the new one, whole. When a write returns, a power cut keeps the new one.</summary>
internal static class PrivateFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder with mode 0700 where it is missing.</summary>
    public static void EnsureFolder(string folder) => Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);

    /// <summary>Sees to it that nobody but its owner can read or write a file.</summary>
    /// <returns>Whether others could.</returns>
    public static bool ShutOthersOut(string path)
    {
        if ((File.GetUnixFileMode(path) & ~OwnerOnly) == 0)
        {
            return false;
        }

        File.SetUnixFileMode(path, OwnerOnly);
        return true;
    }

    /// <summary>Its folder is made when missing.</summary>
    /// <exception cref="IOException">The old file is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">The old file is untouched.</exception>
    public static void Write(string path, Action<Stream> content)
    {
        var next = path + ".next";
        var folder = Path.GetDirectoryName(path)!;
        EnsureFolder(folder);
        File.Delete(next); // one left by a crash would keep its mode
        using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            content(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
        FolderSync.Flush(folder);
    }

    /// <param name="refusal">What it is called when the file at a path cannot be written, and why.</param>
    /// <exception cref="ProblemException">That; the old file is untouched.</exception>
    public static void Write(string path, Action<Stream> content, Func<string, string, Problem> refusal)
    {
        try
        {
            Write(path, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw refusal(path, e.Message).AsException(e);
        }
    }

    /// <inheritdoc cref="Write(string, Action{Stream}, Func{string, string, Problem})"/>
    public static void Write(string path, string text, Func<string, string, Problem> refusal) => Write(path, file => file.Write(Encoding.UTF8.GetBytes(text)), refusal);
}
