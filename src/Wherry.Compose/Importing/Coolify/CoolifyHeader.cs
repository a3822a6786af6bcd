using System.Globalization;

namespace Wherry.Compose.Importing.Coolify;

/// <summary>The comments above a template: <c># slogan: …</c>.</summary>
/// <param name="Port">The port of the service that people visit.</param>
internal sealed record CoolifyHeader(TemplateAbout About, int? Port)
{
    public static CoolifyHeader Read(string text)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Select(l => l.Trim()).TakeWhile(l => l.Length == 0 || l[0] == '#'))
        {
            if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && line[(colon + 1)..].Trim() is { Length: > 0 } value)
            {
                found.TryAdd(line[1..colon].Trim(), value);
            }
        }

        var about = new TemplateAbout
        {
            Slogan = found.GetValueOrDefault("slogan"),
            Documentation = found.GetValueOrDefault("documentation"),
            Category = found.GetValueOrDefault("category"),
            Logo = found.GetValueOrDefault("logo"),
            Tags = found.GetValueOrDefault("tags")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
        };
        return new(about, int.TryParse(found.GetValueOrDefault("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535 ? port : null);
    }
}
