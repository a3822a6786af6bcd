using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Wherry.Compose.Writing;

/// <summary>Writes a tree as JSON: the same values as <see cref="YamlText"/>.</summary>
public static class JsonText
{
    public static string Write(YamlValue root)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(writer, root);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void Write(Utf8JsonWriter writer, YamlValue value)
    {
        switch (value)
        {
            case YamlMapping mapping:
                writer.WriteStartObject();
                foreach (var (key, inner) in mapping)
                {
                    writer.WritePropertyName(key);
                    Write(writer, inner);
                }

                writer.WriteEndObject();
                break;
            case YamlSequence sequence:
                writer.WriteStartArray();
                foreach (var item in sequence)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case YamlLeaf { IsText: true } leaf:
                writer.WriteStringValue(leaf.Text);
                break;
            case YamlLeaf leaf:
                writer.WriteRawValue(leaf.Text); // a number, a boolean or null: the same in both languages
                break;
        }
    }
}
