using Wherry.Core.Problems;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Acme;

/// <summary>Files with keys in them: mode 0600, and at any moment either the old or the new one, whole.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Its folder is made with mode 0700 when missing.</summary>
    /// <exception cref="ProblemException"><c>acme/not-saved</c>; the old file is untouched.</exception>
    public static void Write(string path, string text)
    {
        var next = path + ".next";
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            File.Delete(next); // one left by a crash would keep its mode
            using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                file.Write(System.Text.Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(next, path, overwrite: true);
            FolderSync.Flush(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem("acme/not-saved", $"The edge cannot write {path}: {e.Message}", "Check that the disk has room and that the edge may write there; what was there before is untouched.").AsException(e);
        }
    }
}
