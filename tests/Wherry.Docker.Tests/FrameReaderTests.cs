using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Wherry.Docker.Tests;

public sealed class FrameReaderTests
{
    [Fact]
    public void Any_frames_survive_any_cuts_of_the_stream() => Prop.ForAll(
        ArbMap.Default.ArbFor<(bool IsError, byte[] Bytes)[]>(),
        ArbMap.Default.ArbFor<byte[]>(),
        (frames, cuts) =>
        {
            var sent = frames.Select(f => (Stream: f.IsError ? LogStream.Stderr : LogStream.Stdout, f.Bytes)).ToArray();
            var read = ReadAll(sent.SelectMany(f => Frame(f.Stream, f.Bytes)).ToArray(), cuts);
            return read.Where(p => p.Bytes.Length > 0).Select(p => (p.Stream, Convert.ToHexString(p.Bytes.Span)))
                .SequenceEqual(sent.Where(f => f.Bytes.Length > 0).Select(f => (f.Stream, Convert.ToHexString(f.Bytes))));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_frame_larger_than_the_buffer_comes_in_pieces_of_which_one_starts_it()
    {
        var body = Enumerable.Range(0, 300_000).Select(i => (byte)i).ToArray();

        var pieces = ReadAll(Frame(LogStream.Stderr, body), [200]);

        Assert.True(pieces.Count > 1);
        Assert.Equal([true], pieces.Select(p => p.StartsFrame).Where(s => s));
        Assert.Equal(body, pieces.SelectMany(p => p.Bytes.ToArray()).ToArray());
    }

    [Fact]
    public async Task A_stream_that_ends_inside_a_frame_is_an_error()
    {
        var cut = Frame(LogStream.Stdout, "hello"u8.ToArray())[..^1];

        await Assert.ThrowsAsync<EndOfStreamException>(async () => await Task.Run(() => ReadAll(cut, [])));
    }

    [Fact]
    public void Any_lines_survive_any_cuts_inside_characters() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>[]>(),
        ArbMap.Default.ArbFor<byte[]>(),
        (texts, cuts) =>
        {
            var wanted = texts.Select(t => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(t.Get.Replace('\n', ' ') + "⚓"))).ToArray();
            var splitter = new LineSplitter();
            List<string> lines = [];
            foreach (var part in Cut(Encoding.UTF8.GetBytes(string.Concat(wanted.Select(w => w + "\n"))), cuts))
            {
                lines.AddRange(splitter.Add(part).Select(l => Encoding.UTF8.GetString(l.Span)));
            }

            return lines.SequenceEqual(wanted) && !splitter.HasPartial;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_line_without_end_is_handed_out_in_bounded_parts()
    {
        var splitter = new LineSplitter();

        var lines = splitter.Add(new byte[(2 * LineSplitter.MaxLineBytes) + 5]).ToArray();

        Assert.Equal([LineSplitter.MaxLineBytes, LineSplitter.MaxLineBytes], lines.Select(l => l.Length));
        Assert.Equal(5, splitter.Flush().Length);
    }

    [Fact]
    public void A_line_of_exactly_the_bound_is_one_line()
    {
        var splitter = new LineSplitter();
        byte[] line = [.. new byte[LineSplitter.MaxLineBytes], (byte)'\n'];

        Assert.Equal([LineSplitter.MaxLineBytes], splitter.Add(line).Select(l => l.Length));
        Assert.False(splitter.HasPartial);
    }

    private static byte[] Frame(LogStream stream, byte[] body)
    {
        var head = new byte[8];
        head[0] = (byte)stream;
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), body.Length);
        return [.. head, .. body];
    }

    private static List<OutputPiece> ReadAll(byte[] bytes, byte[] cuts)
    {
        var parts = new Queue<byte[]>(Cut(bytes, cuts));
        var reader = new FrameReader(
            (target, _) =>
            {
                if (!parts.TryPeek(out var part))
                {
                    return ValueTask.FromResult(0);
                }

                var count = Math.Min(part.Length, target.Length);
                part.AsSpan(0, count).CopyTo(target.Span);
                parts.Dequeue();
                if (count < part.Length)
                {
                    parts = new([part[count..], .. parts]);
                }

                return ValueTask.FromResult(count);
            },
            isRaw: false);
        return reader.ReadAsync(CancellationToken.None).ToBlockingEnumerable().ToList();
    }

    /// <summary>Cuts into parts whose sizes repeat <paramref name="cuts"/>.</summary>
    private static IEnumerable<byte[]> Cut(byte[] bytes, byte[] cuts)
    {
        for (int at = 0, i = 0; at < bytes.Length; i++)
        {
            var size = Math.Min(bytes.Length - at, cuts.Length == 0 ? 1 : cuts[i % cuts.Length] + 1);
            yield return bytes[at..(at + size)];
            at += size;
        }
    }
}
