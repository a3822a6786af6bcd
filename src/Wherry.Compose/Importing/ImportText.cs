using Wherry.Compose.Writing;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Importing;

/// <summary>The Compose file of an imported project as text.</summary>
internal static class ImportText
{
    /// <summary>The project's files when the Compose file is the only one.</summary>
    public static Dictionary<string, string> Write(YamlMap root, TemplateAbout about) => new(StringComparer.Ordinal)
    {
        [ComposeReader.FileNames[0]] = YamlText.Write((YamlMapping)Value(root), Comments(about)),
    };

    private static YamlValue Value(YamlNode node)
    {
        switch (node)
        {
            case YamlMap map:
                var mapping = new YamlMapping();
                foreach (var entry in map.Entries)
                {
                    mapping[entry.Key] = Value(entry.Value);
                }

                return mapping;
            case YamlList list:
                return new YamlSequence(list.Items.Select(Value));
            case YamlScalar { Kind: ScalarKind.Null }:
                return YamlValue.Null;
            case YamlScalar { Kind: ScalarKind.Text } text:
                return text.Text!;
            default:
                return new YamlLeaf(((YamlScalar)node).Text, IsText: false);
        }
    }

    private static IEnumerable<string> Comments(TemplateAbout about)
    {
        if (about.Slogan is { } slogan)
        {
            yield return slogan;
        }

        if (about.Documentation is { } page)
        {
            yield return page;
        }
    }
}
