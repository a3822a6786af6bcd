using Wherry.Compose.Importing.CapRover;
using Wherry.Compose.Importing.Coolify;
using Wherry.Compose.Importing.Dokploy;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing;

/// <summary>A one-click template of a catalogue, of whichever tool.</summary>
/// <param name="Name">By which it is added.</param>
/// <param name="Kind"><c>coolify</c>, <c>caprover</c> or <c>dokploy</c>.</param>
/// <param name="Text">Of the template; of Dokploy's, the Compose file.</param>
/// <param name="Toml">Of Dokploy's <c>template.toml</c>.</param>
public sealed record CatalogTemplate(string Name, string Kind, string Text, string? Toml = null)
{
    /// <summary>What kind of template a file is by its content; <see langword="null"/> when it is none.</summary>
    public static string? KindOf(string text)
    {
        foreach (var line in text.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0).Take(12))
        {
            if (line.StartsWith("captainVersion:", StringComparison.Ordinal))
            {
                return "caprover";
            }

            if (line.StartsWith("# slogan:", StringComparison.Ordinal) || line.StartsWith("# documentation:", StringComparison.Ordinal))
            {
                return "coolify";
            }
        }

        return null;
    }

    /// <summary>What it tells about itself. What cannot be read tells nothing.</summary>
    public TemplateAbout About() => Kind switch
    {
        "coolify" => CoolifyHeader.Read(Text).About,
        "caprover" => CapRoverAbout(),
        _ => new(),
    };

    /// <exception cref="ProblemException">What the kind's importer throws.</exception>
    public ImportedProject Import(bool tls = true) => Kind switch
    {
        "coolify" => CoolifyImport.Read(Text, $"{Name}.yaml", tls),
        "caprover" => CapRoverImport.Read(Text, $"{Name}.yml", tls),
        _ => DokployImport.Read(Text, Toml ?? "", Name, tls),
    };

    private TemplateAbout CapRoverAbout()
    {
        try
        {
            var oneClick = YamlTree.Parse(Text, Name, new SpecErrors(Name)).MapOf("caproverOneClickApp");
            return new() { Slogan = oneClick?.TextOf("description")?.Split('\n')[0], Documentation = oneClick?.TextOf("documentation") };
        }
        catch (ProblemException)
        {
            return new();
        }
    }
}
