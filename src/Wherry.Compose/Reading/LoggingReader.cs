using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>logging</c>.</summary>
internal static class LoggingReader
{
    public static Logging? Read(Field? field)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var driver = f["driver"]?.Stated();
        var options = f["options"]?.Pairs() ?? [];
        f.Close();
        if (driver is null && options.Count == 0)
        {
            return null;
        }

        var logging = new Logging(driver, options);
        if (!logging.IsReadable)
        {
            field.Warn("compose/logs-not-kept", $"{(driver == "none" ? "the driver none keeps no output" : "cache-disabled keeps the engine from giving output back")}: wherry logs shows nothing of this service, and a failure is told without its last lines");
        }

        return logging;
    }
}
