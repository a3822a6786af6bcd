using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>platform</c>.</summary>
internal static class PlatformReader
{
    public static Platform? Read(Field? field)
    {
        if (field?.Stated() is not { } text)
        {
            return null;
        }

        if (text.StartsWith("windows", StringComparison.OrdinalIgnoreCase))
        {
            field.Wrong("compose/unsupported-key", $"platform {field.Shown} is not supported: containers run on Linux", "Name an image for linux/amd64 or linux/arm64.");
            return null;
        }

        return field.Try(() => Platform.Parse(text));
    }
}
