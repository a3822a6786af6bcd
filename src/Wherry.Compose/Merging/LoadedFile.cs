using Wherry.Compose.Interpolation;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Merging;

/// <summary>One Compose file, parsed.</summary>
/// <param name="Pending">Replaces its variables, when that is not done yet. In a file that others only extend from it is done service by service: what nobody takes may miss its variables.</param>
internal sealed record LoadedFile(YamlMap Tree, Origin Origin, Interpolator? Pending)
{
    /// <summary>Its services by name; <see langword="null"/> when that is no mapping.</summary>
    public YamlMap? Services => Tree.Find("services")?.Value as YamlMap;
}
