using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Compose.Reading;

/// <summary>The keys of an entry of <c>x-wherry.routes</c> that say what the edge does with its requests.</summary>
internal static class RouteRulesReader
{
    /// <returns><see langword="null"/> when the route has none.</returns>
    public static RouteRules? Read(Fields f)
    {
        var rules = new RouteRules
        {
            Redirect = ReadRedirect(f["redirect"]),
            AddPrefix = f["add_prefix"]?.Value<PathPrefix>(),
            RequestHeaders = ReadHeaders(f["request_headers"]),
            ResponseHeaders = ReadHeaders(f["response_headers"]),
            Compress = f["compress"]?.Bool() ?? false,
            Allow = f["allow"]?.Texts(),
            Deny = f["deny"]?.Texts(),
            RateLimit = ReadLimit(f["rate_limit"]),
            BasicAuth = f["basic_auth"]?.Pairs(),
            ForwardAuth = ReadAuth(f["forward_auth"]),
            NoIndex = f["no_index"]?.Bool() ?? false,
            MaxBody = f["max_body"]?.Size()?.Bytes,
            FirstByteWithin = f["first_byte_within"]?.Duration(),
            SilentFor = f["silent_for"]?.Duration(),
            StickyCookie = f["sticky_cookie"]?.Filled(),
            Buffer = ReadBuffer(f["buffer"]),
            Retries = (int?)f["retries"]?.Int(0, 3),
        };
        foreach (var wrong in RouteRulesCheck.Wrongs(rules))
        {
            // Each begins with the key that it is about.
            f[wrong[..wrong.AsSpan().IndexOfAny('.', ':')]]?.Wrong(wrong, "Compare it with docs/route.md.");
        }

        return rules == new RouteRules() ? null : rules;
    }

    private static Redirection? ReadRedirect(Field? field)
    {
        if (field is null or { IsMap: false })
        {
            return field?.Filled() is { } to ? new(to) : null;
        }

        var f = field.Map()!;
        var place = f["to"]?.Filled();
        var permanent = f["permanent"]?.Bool() ?? false;
        f.Close();
        return place is null ? Missing<Redirection>(field, "to") : new(place, permanent);
    }

    private static HeaderChanges? ReadHeaders(Field? field)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var changes = new HeaderChanges { Set = f["set"]?.Pairs() ?? [], Remove = f["remove"]?.Texts() ?? [] };
        f.Close();
        return changes;
    }

    private static RateLimit? ReadLimit(Field? field)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var requests = f["requests"]?.Int(1, 1_000_000);
        var per = f["per"] is { } time ? time.Duration() : TimeSpan.FromSeconds(1);
        var burst = f["burst"]?.Int(1, 1_000_000);
        var header = f["header"]?.Filled();
        f.Close();
        return requests is null ? Missing<RateLimit>(field, "requests") : per is null ? null : new((int)requests, per.Value, (int?)burst, header);
    }

    private static BufferRule? ReadBuffer(Field? field)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var rule = new BufferRule();
        rule.Requests = f["requests"]?.Bool() ?? rule.Requests;
        rule.Responses = f["responses"]?.Bool() ?? rule.Responses;
        rule.Memory = f["memory"]?.Size()?.Bytes ?? rule.Memory;
        rule.MaxResponse = f["max_response"]?.Size()?.Bytes ?? rule.MaxResponse;
        f.Close();
        return rule;
    }

    private static ForwardAuth? ReadAuth(Field? field)
    {
        if (field is null or { IsMap: false })
        {
            return field?.Filled() is { } url ? new(url) : null;
        }

        var f = field.Map()!;
        var whom = f["url"]?.Filled();
        var copied = f["copy_headers"]?.Texts();
        f.Close();
        return whom is null ? Missing<ForwardAuth>(field, "url") : new(whom, copied);
    }

    private static T? Missing<T>(Field field, string key)
        where T : class
    {
        if (field.Map()?.Has(key) == false)
        {
            field.Wrong($"needs {key}", "Compare it with docs/route.md.");
        }

        return null;
    }
}
