using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Wherry.Edge.Files;

/// <summary>Makes a rename survive a power cut. The framework opens no folders, so the system is asked directly.</summary>
internal static partial class FolderSync
{
    private const int ReadOnlyFolder = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC

    /// <exception cref="IOException">The folder cannot be opened or flushed.</exception>
    public static void Flush(string folder)
    {
        var handle = Open(folder, ReadOnlyFolder);
        if (handle < 0)
        {
            throw Failed(folder);
        }

        var flushed = Sync(handle);
        var failure = flushed < 0 ? Failed(folder) : null;
        _ = Close(handle);
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static IOException Failed(string folder) => new($"{folder} cannot be flushed: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
