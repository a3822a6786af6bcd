using System.Globalization;

namespace Wherry.Compose.Importing.Coolify;

/// <summary>A variable that Coolify gives a value to by its name: <c>SERVICE_PASSWORD_64_DB</c>.</summary>
internal abstract record MagicName
{
    private const string Prefix = "SERVICE_";
    private const string Signs = "!@#%^*()-_=+";

    private MagicName()
    {
    }

    /// <summary><c>SERVICE_URL_APP_3000</c> and <c>SERVICE_FQDN_APP</c>: where a service is reached.</summary>
    public sealed record Address(string Of, int? Port, bool IsUrl) : MagicName;

    /// <summary>A value that is made.</summary>
    public sealed record Made(ValueShape Shape, bool IsSecret) : MagicName;

    /// <summary>What the name means; <see langword="null"/> for every other variable.</summary>
    public static MagicName? Parse(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var words = name[Prefix.Length..].Split('_');
        return words switch
        {
            ["URL" or "FQDN", _, ..] => ParseAddress(words),
            ["SUPABASEANON", ..] => new Made(new ValueShape.SignedToken("SERVICE_PASSWORD_JWT", """{"iss":"supabase","role":"anon"}"""), IsSecret: true),
            ["SUPABASESERVICE", ..] => new Made(new ValueShape.SignedToken("SERVICE_PASSWORD_JWT", """{"iss":"supabase","role":"service_role"}"""), IsSecret: true),
            [var kind, _, ..] => ParseMade(kind, words is [_, _, _, ..] ? Number(words[1], 8, 1024) : null),
            _ => null,
        };
    }

    private static Address ParseAddress(string[] words)
    {
        var port = words.Length > 2 ? Number(words[^1], 1, 65535) : null;
        var of = words.AsSpan(1, words.Length - (port is null ? 1 : 2));
        return new(string.Join('_', of!), port, words[0] == "URL");
    }

    private static Made? ParseMade(string kind, int? size) => kind switch
    {
        "PASSWORD" => new(new ValueShape.Word(size ?? 32), IsSecret: true),
        "PASSWORDWITHSYMBOLS" => new(new ValueShape.Word(size ?? 32) { Signs = Signs }, IsSecret: true),
        "USER" => new(new ValueShape.Word(size ?? 16) { IsName = true }, IsSecret: false),
        "BASE64" => new(new ValueShape.Word(size ?? 32), IsSecret: true), // that is its name there; it is not base64
        "REALBASE64" => new(new ValueShape.Base64(size ?? 32), IsSecret: true),
        "HEX" => new(new ValueShape.Hex(size ?? 32), IsSecret: true),
        _ => null,
    };

    private static int? Number(string word, int min, int max) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number : null;
}
