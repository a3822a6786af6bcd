using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Wherry.Edge.Listening;

/// <summary>HTTP/2 without TLS on the port that also takes HTTP/1.1.</summary>
/// <remarks>
/// Without TLS the server speaks one version per endpoint. So there is a second endpoint, for HTTP/2 alone, on which nobody can
/// connect: its only use is the pipeline that the server builds for it. A connection on the public endpoint that begins with the
/// HTTP/2 preface is led into that pipeline.
/// </remarks>
internal sealed class Http2Pipeline(TimeProvider time)
{
    private static readonly TimeSpan FirstBytesWithin = TimeSpan.FromSeconds(130);

    private ConnectionDelegate? _http2;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Builds the pipeline; call once.</summary>
    public void AddTo(KestrelServerOptions kestrel) => kestrel.Listen(Nowhere.EndPoint, listen =>
    {
        listen.Protocols = HttpProtocols.Http2;
        listen.Use(next => _http2 = next);
    });

    /// <summary>Looks at the first bytes of each connection of a public endpoint.</summary>
    public void Join(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(http1 => async connection =>
        {
            switch (await BeginsWithPrefaceAsync(connection))
            {
                case true:
                    await _http2!(connection);
                    break;
                case false:
                    await http1(connection);
                    break;
                default:
                    connection.Abort();
                    break;
            }
        });
    }

    /// <returns><see langword="null"/> when the connection ended before that was clear.</returns>
    private async Task<bool?> BeginsWithPrefaceAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        if (!input.TryRead(out var read))
        {
            read = await FirstReadAsync(connection, input);
        }

        while (true)
        {
            if (read.IsCanceled || (read.IsCompleted && read.Buffer.IsEmpty))
            {
                input.AdvanceTo(read.Buffer.Start);
                return null;
            }

            var verdict = Judge(read.Buffer);
            if (verdict is not null || read.IsCompleted)
            {
                input.AdvanceTo(read.Buffer.Start);
                return verdict ?? false;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await FirstReadAsync(connection, input);
        }
    }

    private async Task<ReadResult> FirstReadAsync(ConnectionContext connection, PipeReader input)
    {
        // The server's own limits start only after this.
        using var limit = new CancellationTokenSource(FirstBytesWithin, time);
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        await using var onStop = stopping.UnsafeRegister(static state => ((PipeReader)state!).CancelPendingRead(), input);
        await using var onLimit = limit.Token.UnsafeRegister(static state => ((PipeReader)state!).CancelPendingRead(), input);
        return await input.ReadAsync(CancellationToken.None); // ended by the two registrations, without an exception
    }

    private static bool? Judge(in ReadOnlySequence<byte> begin)
    {
        Span<byte> first = stackalloc byte[Preface.Length];
        var length = (int)Math.Min(begin.Length, Preface.Length);
        begin.Slice(0, length).CopyTo(first);
        if (!Preface.StartsWith(first[..length]))
        {
            return false;
        }

        return length == Preface.Length ? true : null;
    }

    /// <summary>An endpoint without an address.</summary>
    internal sealed class Nowhere : EndPoint
    {
        public static Nowhere EndPoint { get; } = new();

        public override string ToString() => "nowhere";
    }

    /// <summary>Never gets a connection.</summary>
    internal sealed class NowhereListener : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => Nowhere.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => await _end.Task.WaitAsync(cancellationToken);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _end.TrySetResult(null);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
