using System.Globalization;
using System.Text.Json.Nodes;
using Wherry.Core.Model;
using static Wherry.Edge.Foreign.Caddy.CaddyJson;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>Somebody else decides: asked with a GET before the request goes on.</summary>
internal static class CaddyForwardAuth
{
    public static JsonObject Of(ForwardAuth auth)
    {
        var url = new Uri(auth.Url);
        var transport = new JsonObject { ["protocol"] = "http", ["dial_timeout"] = "2s", ["response_header_timeout"] = "5s" };
        if (url.Scheme == Uri.UriSchemeHttps)
        {
            transport["tls"] = new JsonObject { ["server_name"] = url.Host };
        }

        return new()
        {
            ["handler"] = "reverse_proxy",
            ["upstreams"] = Array(new JsonObject { ["dial"] = string.Create(CultureInfo.InvariantCulture, $"{url.Host}:{url.Port}") }),
            ["transport"] = transport,
            ["rewrite"] = new JsonObject { ["method"] = "GET", ["uri"] = Plain(url.PathAndQuery) },
            ["headers"] = new JsonObject
            {
                ["request"] = new JsonObject
                {
                    ["set"] = new JsonObject
                    {
                        ["Host"] = Array(url.Authority),
                        ["X-Forwarded-Method"] = Array("{http.request.method}"),
                        ["X-Forwarded-Uri"] = Array("{http.request.uri}"),
                    },
                },
            },
            ["handle_response"] = Array(new JsonObject
            {
                ["match"] = new JsonObject { ["status_code"] = new JsonArray(2) },
                ["routes"] = new JsonArray([.. (auth.CopyHeaders ?? []).SelectMany(Copy).DefaultIfEmpty(Route(null, new JsonObject { ["handler"] = "headers" }))]),
            }),
        };
    }

    /// <summary>What a visitor claims about himself never reaches the service.</summary>
    private static IEnumerable<JsonObject> Copy(string name)
    {
        var answered = $"{{http.reverse_proxy.header.{name}}}";
        yield return Route(null, new JsonObject { ["handler"] = "headers", ["request"] = new JsonObject { ["delete"] = Names([name]) } });
        yield return Route(
            Not(new() { ["vars"] = new JsonObject { [answered] = Array("", "<nil>") } }),
            new JsonObject { ["handler"] = "headers", ["request"] = new JsonObject { ["set"] = new JsonObject { [name] = Array(answered) } } });
    }
}
