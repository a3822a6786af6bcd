using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Wherry.Docker;

/// <summary>What stands under a path.</summary>
public enum FileKind
{
    Other,
    File,
    Folder,
    Symlink,
}

/// <summary>Kind and mode of a path, without following a symlink. The framework does not tell a socket from a file, so the kernel is asked.</summary>
public readonly partial record struct FileStatus(FileKind Kind, bool IsExecutable)
{
    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const uint TypeAndMode = 0x3;
    private const int KindMask = 0xF000;
    private const int AnyExecute = 0x49;

    /// <exception cref="IOException">Nothing is there, or it may not be looked at.</exception>
    public static FileStatus Of(string path)
    {
        if (Statx(CurrentFolder, path, DoNotFollow, TypeAndMode, out var buffer) != 0)
        {
            throw new IOException($"{path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        var kind = (buffer.Mode & KindMask) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Folder,
            0xA000 => FileKind.Symlink,
            _ => FileKind.Other,
        };
        return new(kind, (buffer.Mode & AnyExecute) != 0);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out StatxBuffer buffer);

    /// <summary>The kernel's <c>struct statx</c>; the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(28)]
        public ushort Mode;
    }
}
