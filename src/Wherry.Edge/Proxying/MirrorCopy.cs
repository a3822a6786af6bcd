using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Proxying;

/// <summary>A request as it came, kept to be sent once more to a target that answers nobody.</summary>
internal sealed class MirrorCopy
{
    /// <summary>Tells the target that nobody gets its answer. From a visitor it is not taken.</summary>
    public const string Header = "X-Wherry-Mirror";

    /// <summary>Of one connection only, or made anew.</summary>
    private static readonly HashSet<string> NotCopied = new(
        ["Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", Header],
        StringComparer.OrdinalIgnoreCase);

    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpMethod _method;
    private readonly string _host;
    private readonly Route _route;
    private readonly string _pathAndQuery;
    private readonly List<KeyValuePair<string, string?[]>> _headers;

    public MirrorCopy(HttpRequest request, ServiceSlot slot, Route route, string pathAndQuery, BodyCopy? body)
    {
        Slot = slot;
        Body = body;
        _method = HttpMethod.Parse(request.Method);
        _host = request.Host.Value ?? "";
        _route = route;
        _pathAndQuery = pathAndQuery;
        _headers = [.. request.Headers.Where(h => !NotCopied.Contains(h.Key)).Select(h => KeyValuePair.Create(h.Key, h.Value.ToArray()))];
    }

    public ServiceSlot Slot { get; }

    /// <summary><see langword="null"/>: the request has none.</summary>
    public BodyCopy? Body { get; }

    /// <summary>It is on its way, or was given up.</summary>
    public bool Settled { get; set; }

    public HttpRequestMessage ToMessage(LiveTarget target)
    {
        var uri = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{target.PoolName}:{_route.Port}{_pathAndQuery}"), AsWritten);
        var message = new HttpRequestMessage(_method, uri) { Version = _route.Protocol is RouteProtocol.H2c ? System.Net.HttpVersion.Version20 : System.Net.HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body.ToArray());
        }

        message.Headers.Host = _host.Length > 0 ? _host : target.Address;
        foreach (var (name, values) in _headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, values))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, values);
            }
        }

        message.Headers.TryAddWithoutValidation("X-Wherry-Target", target.Id);
        message.Headers.TryAddWithoutValidation(Header, "1");
        if (_route.Rules?.RequestHeaders is { } changes)
        {
            ForwardTransformer.Change(message, changes);
        }

        return message;
    }
}

/// <summary>Keeps what passes of a body, up to a limit.</summary>
internal sealed class BodyCopy(long limit)
{
    private readonly ArrayBufferWriter<byte> _kept = new();
    private bool _ended;
    private bool _tooLarge;

    /// <summary>All of it is here.</summary>
    /// <param name="passed">Bytes of the body that passed in all; what was read before this began to look is not here.</param>
    public bool IsWhole(long passed) => _ended && !_tooLarge && _kept.WrittenCount == passed;

    public void Passed(ReadOnlySpan<byte> bytes)
    {
        _ended = bytes.IsEmpty;
        _tooLarge |= _kept.WrittenCount + bytes.Length > limit;
        if (!_tooLarge)
        {
            _kept.Write(bytes);
        }
    }

    public byte[] ToArray() => _kept.WrittenSpan.ToArray();
}
