using System.Net;
using System.Text.Json;

namespace Wherry.Docker.Connection;

/// <summary>The engine's own explanation of a failure.</summary>
internal static class EngineWords
{
    private const int MostShown = 2000;

    public static string Read(string body, HttpStatusCode status)
    {
        var text = Parse(body) ?? body.Trim();
        return text.Length switch { 0 => $"status {(int)status}", > MostShown => text[..MostShown] + "…", _ => text };
    }

    private static string? Parse(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, DockerJson.Default.ErrorWire)?.message;
        }
        catch (JsonException)
        {
            // A proxy in front of the engine answers in its own way.
            return null;
        }
    }
}
