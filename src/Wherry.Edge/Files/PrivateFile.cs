using System.Text;
using Wherry.Core.Problems;

namespace Wherry.Edge.Files;

/// <summary>Whole files for their owner only (mode 0600).</summary>
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
        EnsureFolder(Path.GetDirectoryName(path)!);
        WholeFile.Write(path, content, OwnerOnly);
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
