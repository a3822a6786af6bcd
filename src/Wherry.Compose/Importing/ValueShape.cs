using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Wherry.Compose.Importing;

/// <summary>How a value is made that nobody wants to think up. <see cref="Make"/> is the only place of importing with chance in it.</summary>
public abstract record ValueShape
{
    private const string SmallLetters = "abcdefghijklmnopqrstuvwxyz";
    private const string LettersAndDigits = SmallLetters + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private ValueShape()
    {
    }

    /// <summary>Letters and digits.</summary>
    public sealed record Word(int Length) : ValueShape
    {
        /// <summary>Signs beside letters and digits.</summary>
        public string Signs { get; init; } = "";

        /// <summary>Begins with a small letter, as names of users must.</summary>
        public bool IsName { get; init; }
    }

    /// <summary>So many bytes, as base64.</summary>
    public sealed record Base64(int Bytes) : ValueShape;

    /// <summary>So many bytes, as hexadecimal digits.</summary>
    public sealed record Hex(int Bytes) : ValueShape;

    /// <summary>Small hexadecimal digits, so many.</summary>
    public sealed record HexDigits(int Length) : ValueShape;

    /// <summary>A random UUID.</summary>
    public sealed record Uuid : ValueShape;

    /// <summary>The time at which it is made, since 1970.</summary>
    public sealed record Timestamp(bool InMilliseconds) : ValueShape;

    /// <summary>A port above those that need rights.</summary>
    public sealed record Port : ValueShape;

    /// <summary>A JSON web token, signed with HMAC-SHA256.</summary>
    /// <param name="KeyName">Variable whose value is the key.</param>
    /// <param name="Claims">A JSON object; <c>iat</c> and <c>exp</c> are added when it has none.</param>
    public sealed record SignedToken(string KeyName, string Claims) : ValueShape
    {
        public int Years { get; init; } = 100;
    }

    /// <summary>Makes a value from the system's cryptographic chance.</summary>
    /// <param name="find">Value of another variable of the project, for a key.</param>
    public string Make(Func<string, string?> find, DateTimeOffset now) => this switch
    {
        Word { IsName: true } word => RandomNumberGenerator.GetString(SmallLetters, 1) + RandomNumberGenerator.GetString(LettersAndDigits, word.Length - 1),
        Word word => RandomNumberGenerator.GetString(LettersAndDigits + word.Signs, word.Length),
        Base64 base64 => Convert.ToBase64String(RandomNumberGenerator.GetBytes(base64.Bytes)),
        Hex hex => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(hex.Bytes)),
        HexDigits digits => RandomNumberGenerator.GetHexString(digits.Length, lowercase: true),
        Uuid => new Guid(RandomNumberGenerator.GetBytes(16)) is var guid ? WithVersion(guid.ToByteArray(bigEndian: true)).ToString() : "",
        Timestamp time => (time.InMilliseconds ? now.ToUnixTimeMilliseconds() : now.ToUnixTimeSeconds()).ToString(CultureInfo.InvariantCulture),
        Port => RandomNumberGenerator.GetInt32(10_000, 60_000).ToString(CultureInfo.InvariantCulture),
        SignedToken token => Sign(token, find(token.KeyName) ?? "", now),
        _ => throw new InvalidOperationException($"{GetType().Name} is not made anywhere"),
    };

    private static Guid WithVersion(byte[] bytes)
    {
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new(bytes, bigEndian: true);
    }

    private static string Sign(SignedToken token, string key, DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            using var claims = JsonDocument.Parse(token.Claims);
            foreach (var claim in claims.RootElement.EnumerateObject())
            {
                claim.WriteTo(json);
            }

            if (!claims.RootElement.TryGetProperty("iat", out _))
            {
                json.WriteNumber("iat", now.ToUnixTimeSeconds());
            }

            if (!claims.RootElement.TryGetProperty("exp", out _))
            {
                json.WriteNumber("exp", now.AddYears(token.Years).ToUnixTimeSeconds());
            }

            json.WriteEndObject();
        }

        var signed = Url("""{"alg":"HS256","typ":"JWT"}"""u8) + "." + Url(buffer.ToArray());
        return signed + "." + Url(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(signed)));
    }

    private static string Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
