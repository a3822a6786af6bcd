using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Wherry.Edge.Listening;

/// <summary>Sockets that another process holds open: while the edge is exchanged, who knocks waits in the kernel's queue instead of being refused.</summary>
public static partial class HeldSockets
{
    /// <summary>Duplicates of the TCP sockets on which a process listens; none when it is gone, or the kernel or the owner does not allow it.</summary>
    public static IReadOnlyList<Socket> Of(int process)
    {
        var held = new List<Socket>();
        try
        {
            var handle = OpenProcess(process, 0);
            if (handle >= 0)
            {
                held.AddRange(Directory.EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd")).Select(f => Find(handle, f)).OfType<Socket>());
                _ = Close(handle);
            }
        }
        catch (Exception e) when (e is EntryPointNotFoundException or IOException or UnauthorizedAccessException or SocketException)
        {
            // An old C library, or the process or a socket of it ended in between: the edge opens its own.
        }

        return held;
    }

    private static Socket? Find(int process, string file)
    {
        if (new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) != true || Duplicate(process, int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture), 0) is not (>= 0 and var copy))
        {
            return null;
        }

        var socket = new Socket(new SafeSocketHandle(copy, ownsHandle: true));
        if (socket is { AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6, SocketType: SocketType.Stream } && (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection)! != 0)
        {
            return socket;
        }

        socket.Dispose();
        return null;
    }

    [LibraryImport("libc", EntryPoint = "pidfd_open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenProcess(int process, uint flags);

    [LibraryImport("libc", EntryPoint = "pidfd_getfd")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(int process, int file, uint flags);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int file);
}
