using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Docker;

/// <summary>The parts of an image's name, as the engine's calls take them.</summary>
internal sealed record ImageName(string Repository, string? Tag, string? Digest)
{
    /// <exception cref="ProblemException"><c>image/reference</c> for an id: registries know names only.</exception>
    public static ImageName Of(ImageReference image)
    {
        if (image.IsId)
        {
            throw new Problem("image/reference", $"{image} is an id; a registry knows names.", "Write it as registry.example.com/path/name:tag.").AsException();
        }

        var at = image.Value.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? image.Value : image.Value[..at];
        var colon = name.LastIndexOf(':');
        var hasTag = colon > name.LastIndexOf('/');
        return new(hasTag ? name[..colon] : name, hasTag ? name[(colon + 1)..] : null, at < 0 ? null : image.Value[(at + 1)..]);
    }
}
