using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Wherry.Edge.Tests.Rig;

/// <summary>A request body that is written piece by piece while the answer is read.</summary>
public sealed class TwoWayBody : HttpContent
{
    private readonly Channel<string> _pieces = Channel.CreateUnbounded<string>();

    public ValueTask SendAsync(string piece) => _pieces.Writer.WriteAsync(piece, TestContext.Current.CancellationToken);

    public void End() => _pieces.Writer.Complete();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await foreach (var piece in _pieces.Reader.ReadAllAsync(cancellationToken))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(piece), cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
