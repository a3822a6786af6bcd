using System.Runtime.InteropServices;

namespace Wherry.Cli.Output;

/// <summary>What the framework's console does not offer without taking the terminal over: its size, and its raw mode.</summary>
internal static partial class Terminal
{
    public const int StandardInput = 0;

    public const int StandardError = 2;

    private const ulong AskSize = 0x5413; // TIOCGWINSZ
    private const int SettingsBytes = 256; // struct termios is smaller everywhere

    /// <summary>Columns and rows of the terminal behind a file descriptor; 80 by 24 when there is none.</summary>
    public static (int Columns, int Rows) SizeOf(int descriptor) =>
        GetSize(descriptor, AskSize, out var size) == 0 && size.Columns > 0 ? (size.Columns, size.Rows) : (80, 24);

    /// <summary>Hands every key to the program as it is typed, Ctrl-C too, until disposed.</summary>
    public static IDisposable Raw()
    {
        var before = new byte[SettingsBytes];
        if (GetSettings(StandardInput, before) != 0)
        {
            return new Restored(null);
        }

        var raw = before.AsSpan().ToArray();
        MakeRaw(raw);
        _ = SetSettings(StandardInput, 0, raw);
        return new Restored(before);
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetSize(int descriptor, ulong request, out Size size);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetSettings(int descriptor, byte[] settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetSettings(int descriptor, int when, byte[] settings);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void MakeRaw(byte[] settings);

    [StructLayout(LayoutKind.Sequential)]
    private struct Size
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }

    private sealed class Restored(byte[]? settings) : IDisposable
    {
        public void Dispose()
        {
            if (settings is not null)
            {
                _ = SetSettings(StandardInput, 0, settings);
            }
        }
    }
}
