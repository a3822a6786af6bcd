using System.Text.Json.Serialization;

namespace Wherry.Core.Model;

/// <summary>Host and path prefix that lead to a port of a service. Also <c>x-wherry.routes</c>.</summary>
/// <param name="Host"><see langword="null"/> answers for what no route with a host covers.</param>
/// <param name="Port">Container port that takes the requests.</param>
/// <param name="StripPrefix">Take <paramref name="Path"/> off before the request reaches the service. Default no.</param>
/// <param name="Rules">What the edge does besides handing requests on. Default: nothing.</param>
/// <param name="Protocol">What the port speaks. Default: HTTP/1.1.</param>
public sealed record Route(HostName? Host, PathPrefix Path, int Port, bool StripPrefix = false, RouteRules? Rules = null, RouteProtocol Protocol = RouteProtocol.Http1);

/// <summary>What the edge speaks with a service.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RouteProtocol>))]
public enum RouteProtocol
{
    Http1,

    /// <summary>HTTP/2 without TLS, from the first byte: what gRPC needs.</summary>
    H2c,
}
