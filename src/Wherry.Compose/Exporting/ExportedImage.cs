using System.Text.RegularExpressions;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting;

/// <summary>The image's name where an export is used.</summary>
internal static partial class ExportedImage
{
    /// <summary>A built image is named below the registry, where one is given; its tag stays.</summary>
    public static string Of(ServiceSpec spec, ExportWish wish)
    {
        var name = spec.Image?.Value ?? $"{DnsLabel.Of(wish.Name)}-{DnsLabel.Of(spec.Name.Value)}:latest";
        return spec.Build is null || wish.Registry is null ? name : $"{wish.Registry}/{DnsLabel.Of(spec.Name.Value)}:{(Tag().Match(name) is { Success: true } tag ? tag.Value[1..] : "latest")}";
    }

    public static void AddLosses(ServiceSpec spec, ExportWish wish, Losses losses)
    {
        if (spec.Build is not null)
        {
            losses.Add(spec, $"is built: push its image as {Of(spec, wish)}, a name that can be pulled there");
        }

        if (spec.Image is { IsId: true })
        {
            losses.Add(spec, "its image is an id that only one engine knows");
        }
    }

    [GeneratedRegex(@":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z")]
    private static partial Regex Tag();
}
