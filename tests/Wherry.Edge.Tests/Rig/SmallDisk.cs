using System.Diagnostics;
using System.Globalization;

namespace Wherry.Edge.Tests.Rig;

/// <summary>A disk in memory that is soon full.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    private string Filler => Path.Combine(_folder, "filler");

    public static async Task<SmallDisk> MountAsync(string folder, int bytes)
    {
        await RunAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={bytes},mode=0700"), "wherry-test", folder);
        return new(folder);
    }

    /// <summary>Takes every byte that is left.</summary>
    public void Fill()
    {
        using var filler = File.Create(Filler, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                filler.Write(block);
            }
        }
        catch (IOException)
        {
            // That is what it is for.
        }
    }

    public void MakeRoom() => File.Delete(Filler);

    /// <summary>Nobody may write on it any more.</summary>
    public static async Task CloseAsync(string folder) => await RunAsync("mount", "-o", "remount,ro", folder);

    public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", _folder);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
