using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Wherry.Edge.Tests.Rig;

/// <summary>Stands for QUIC, which this machine lacks: connections and streams in memory. Everything above it, from the handshake's choice of a certificate to HTTP/3, is the real one.</summary>
public sealed class QuicInMemory : IMultiplexedConnectionListenerFactory
{
    private readonly Channel<MultiplexedConnectionContext?> _connections = Channel.CreateUnbounded<MultiplexedConnectionContext?>();
    private TlsConnectionCallbackOptions? _tls;
    private EndPoint? _endpoint;

    /// <summary>Thrown instead of listening.</summary>
    public Exception? Refusal { get; init; }

    public ValueTask<IMultiplexedConnectionListener> BindAsync(EndPoint endpoint, IFeatureCollection? features = null, CancellationToken cancellationToken = default)
    {
        _tls = features!.GetRequiredFeature<TlsConnectionCallbackOptions>();
        _endpoint = endpoint;
        return Refusal is null ? new(new Listener(_connections, endpoint)) : ValueTask.FromException<IMultiplexedConnectionListener>(Refusal);
    }

    /// <summary>A visitor's connection, after a handshake for this name.</summary>
    /// <exception cref="AuthenticationException">The edge has no certificate for the name.</exception>
    public async Task<Http3Visitor> ConnectAsync(string name)
    {
        var connection = new Connection { LocalEndPoint = _endpoint, RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 50_000) };
        var options = await _tls!.OnConnection(new() { ClientHelloInfo = new(name, SslProtocols.Tls13), Connection = connection, State = _tls.OnConnectionState }, TestContext.Current.CancellationToken);
        Assert.Equal([SslApplicationProtocol.Http3], options.ApplicationProtocols!);
        Assert.NotNull(options.ServerCertificateContext);
        await _connections.Writer.WriteAsync(connection);
        return new(connection);
    }

    private sealed class Listener(Channel<MultiplexedConnectionContext?> connections, EndPoint endpoint) : IMultiplexedConnectionListener
    {
        public EndPoint EndPoint => endpoint;

        public ValueTask<MultiplexedConnectionContext?> AcceptAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default) => connections.Reader.ReadAsync(cancellationToken);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => connections.Writer.WriteAsync(null, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    public sealed class Connection : MultiplexedConnectionContext, IProtocolErrorCodeFeature, ITlsConnectionFeature
    {
        private readonly Channel<ConnectionContext?> _streams = Channel.CreateUnbounded<ConnectionContext?>();
        private readonly CancellationTokenSource _closed = new();
        private long _lastOwn = 3;

        public Connection()
        {
            Features.Set<IProtocolErrorCodeFeature>(this);
            Features.Set<ITlsConnectionFeature>(this);
            ConnectionClosed = _closed.Token;
        }

        public override string ConnectionId { get; set; } = "in-memory";

        public override IFeatureCollection Features { get; } = new FeatureCollection();

        public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

        public long Error { get; set; } = -1;

        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);

        public override async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                return await _streams.Reader.ReadAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }

        public override ValueTask<ConnectionContext> ConnectAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default) =>
            new(new Stream(this, _lastOwn += 4, canRead: false, canWrite: true));

        /// <summary>A stream that the visitor opens.</summary>
        /// <returns>The visitor's end.</returns>
        public async Task<IDuplexPipe> OpenAsync(long id, bool twoWays)
        {
            var stream = new Stream(this, id, canRead: true, canWrite: twoWays);
            await _streams.Writer.WriteAsync(stream);
            return stream.Visitor;
        }

        public override void Abort() => Abort(new());

        public override void Abort(ConnectionAbortedException abortReason)
        {
            _streams.Writer.TryWrite(null);
            _closed.Cancel();
        }
    }

    private sealed class Stream : ConnectionContext, IStreamIdFeature, IStreamDirectionFeature, IProtocolErrorCodeFeature, IPersistentStateFeature, IStreamAbortFeature, IStreamClosedFeature
    {
        private readonly Pipe _in = new();
        private readonly Pipe _out = new();

        public Stream(Connection connection, long id, bool canRead, bool canWrite)
        {
            Features = new FeatureCollection(connection.Features); // as the real transport's streams know what their connection knows
            (LocalEndPoint, RemoteEndPoint) = (connection.LocalEndPoint, connection.RemoteEndPoint);
            (StreamId, CanRead, CanWrite) = (id, canRead, canWrite);
            Transport = new Ends(_in.Reader, _out.Writer);
            Visitor = new Ends(_out.Reader, _in.Writer);
            Features.Set<IStreamIdFeature>(this);
            Features.Set<IStreamDirectionFeature>(this);
            Features.Set<IProtocolErrorCodeFeature>(this);
            Features.Set<IPersistentStateFeature>(this);
            Features.Set<IStreamAbortFeature>(this);
            Features.Set<IStreamClosedFeature>(this);
        }

        public long StreamId { get; }

        public bool CanRead { get; }

        public bool CanWrite { get; }

        public long Error { get; set; } = -1;

        public IDictionary<object, object?> State { get; } = new Dictionary<object, object?>();

        public IDuplexPipe Visitor { get; }

        public override string ConnectionId { get; set; } = "in-memory";

        public override IFeatureCollection Features { get; }

        public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

        public override IDuplexPipe Transport { get; set; }

        public void AbortRead(long errorCode, ConnectionAbortedException abortReason) => _in.Writer.Complete(abortReason);

        public void AbortWrite(long errorCode, ConnectionAbortedException abortReason) => _out.Writer.Complete(abortReason);

        public void OnClosed(Action<object?> callback, object? state)
        {
            // Nothing here depends on it.
        }

        private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
    }
}
