using System.Collections;
using Microsoft.Win32.SafeHandles;

namespace Wherry.Server.Logs;

/// <summary>The lines of a file from its end to its start, read in blocks.</summary>
/// <param name="end">Position behind the line break of the last line.</param>
internal sealed class LinesBackwards(SafeFileHandle handle, long end) : IEnumerable<(ReadOnlyMemory<byte> Line, long Start)>
{
    private const int BlockBytes = 64 << 10;

    /// <returns>Each line without its line break, valid until the next one, and where it starts.</returns>
    public IEnumerator<(ReadOnlyMemory<byte> Line, long Start)> GetEnumerator()
    {
        var block = new byte[BlockBytes];
        var blockStart = end;
        var held = 0;
        var position = end;
        while (position > 0)
        {
            var searched = (int)(position - blockStart) - 1;
            var found = searched > 0 ? block.AsSpan(0, searched).LastIndexOf((byte)'\n') : -1;
            if (found < 0 && blockStart > 0)
            {
                // The line starts before the block: read again, further back, so that it lies at the block's end.
                held = (int)(position - blockStart);
                block = held == block.Length ? new byte[block.Length * 2] : block;
                blockStart = Math.Max(0, position - block.Length);
                RandomAccess.Read(handle, block.AsSpan(0, (int)(position - blockStart)), blockStart);
                continue;
            }

            var start = blockStart + found + 1;
            yield return (block.AsMemory(found + 1, (int)(position - 1 - start)), start);
            position = start;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
