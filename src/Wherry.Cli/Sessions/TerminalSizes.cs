using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Wherry.Cli.Output;

namespace Wherry.Cli.Sessions;

/// <summary>Sizes of the terminal, one for each time it changes.</summary>
internal static class TerminalSizes
{
    /// <summary>Until cancelled. Never completes by itself.</summary>
    public static async IAsyncEnumerable<(int Columns, int Rows)> ChangesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        // Only the last size matters: a window that is dragged sends hundreds.
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var changed = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => changes.Writer.TryWrite(true));
        await foreach (var _ in changes.Reader.ReadAllAsync(ct))
        {
            yield return Terminal.SizeOf(Terminal.StandardInput);
        }
    }
}
