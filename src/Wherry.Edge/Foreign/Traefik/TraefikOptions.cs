using System.Globalization;
using System.Text.RegularExpressions;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>How a Traefik that somebody else runs learns what to serve: by a file in a folder that it watches.</summary>
public sealed partial record TraefikOptions
{
    /// <summary>Folder that its file provider watches (<c>providers.file.directory</c>), at the same path for both. It must be there: Traefik does not notice one that is made later.</summary>
    public required string Folder { get; init; }

    /// <summary>Its entry point for plain HTTP. Default <c>web</c>.</summary>
    public string HttpEntryPoint { get; init; } = "web";

    /// <summary>Its entry point for TLS. Default <c>websecure</c>.</summary>
    public string TlsEntryPoint { get; init; } = "websecure";

    /// <summary>Its resolver that obtains certificates. Default: none; hosts need certificates that were uploaded.</summary>
    public string? Resolver { get; init; }

    /// <summary>Address of its entry point for plain HTTP, where the edge asks by which configuration it serves. Default: it is not asked, and believed to serve by a new file after <see cref="SettlesWithin"/>.</summary>
    public Uri? Asks { get; init; }

    /// <summary>Time after which it serves by a new file: its <c>providers.providersThrottleDuration</c> (2 s) and a second. Default 3 s.</summary>
    public TimeSpan SettlesWithin { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Reads what <see cref="ToString"/> writes: the folder, then <c>http=</c>, <c>tls=</c>, <c>resolver=</c>, <c>asks=</c> and <c>settles=</c> (seconds) where they are not the defaults.</summary>
    /// <returns><see langword="null"/> when it cannot be meant.</returns>
    public static TraefikOptions? Parse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not [var folder, .. var more] || !FolderShape().IsMatch(folder))
        {
            return null;
        }

        TraefikOptions? options = new() { Folder = folder };
        foreach (var part in more)
        {
            options = part.Split('=', 2) switch
            {
                ["http", var name] when NameShape().IsMatch(name) => options with { HttpEntryPoint = name },
                ["tls", var name] when NameShape().IsMatch(name) => options with { TlsEntryPoint = name },
                ["resolver", var name] when NameShape().IsMatch(name) => options with { Resolver = name },
                ["asks", var address] when Uri.TryCreate(address, UriKind.Absolute, out var url) && url is { Scheme: "http", PathAndQuery: "/", UserInfo: "", Host.Length: > 0 } => options with { Asks = url },
                ["settles", var time] when double.TryParse(time, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 5 => options with { SettlesWithin = TimeSpan.FromSeconds(seconds) },
                _ => null,
            };
            if (options is null)
            {
                return null;
            }
        }

        return options;
    }

    public override string ToString()
    {
        var plain = new TraefikOptions { Folder = Folder };
        return string.Concat(
            Folder,
            HttpEntryPoint == plain.HttpEntryPoint ? "" : $" http={HttpEntryPoint}",
            TlsEntryPoint == plain.TlsEntryPoint ? "" : $" tls={TlsEntryPoint}",
            Resolver is null ? "" : $" resolver={Resolver}",
            Asks is null ? "" : $" asks={Asks.GetLeftPart(UriPartial.Authority)}",
            SettlesWithin == plain.SettlesWithin ? "" : string.Create(CultureInfo.InvariantCulture, $" settles={SettlesWithin.TotalSeconds:0.###}"));
    }

    [GeneratedRegex(@"\A/[A-Za-z0-9._/-]{1,500}\z")]
    private static partial Regex FolderShape();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex NameShape();
}
