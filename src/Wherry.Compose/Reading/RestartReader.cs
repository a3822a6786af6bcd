using System.Globalization;
using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>restart</c> and <c>deploy.restart_policy</c>; the latter wins, as in Compose.</summary>
internal static class RestartReader
{
    /// <summary><see langword="null"/> when the file says nothing.</summary>
    public static RestartPolicy? Read(Field? restart, Field? policy)
    {
        var plain = restart is null ? null : ReadShort(restart);
        return policy is null ? plain : ReadPolicy(policy);
    }

    private static RestartPolicy? ReadShort(Field field)
    {
        // An unquoted no is text in YAML 1.2; older tools write it as false.
        var text = field.Text();
        const string onFailure = "on-failure:";
        if (text?.StartsWith(onFailure, StringComparison.Ordinal) == true && int.TryParse(text[onFailure.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var attempts))
        {
            return new(RestartCondition.OnFailure, attempts > 0 ? attempts : null);
        }

        switch (text)
        {
            case "no" or "false":
                return new(RestartCondition.No);
            case "always":
                return new(RestartCondition.Always);
            case "on-failure":
                return new(RestartCondition.OnFailure);
            case "unless-stopped":
                return new();
            default:
                field.Wrong($"{field.Shown} is not a restart policy", "Use no, always, on-failure, on-failure:3 or unless-stopped.");
                return null;
        }
    }

    private static RestartPolicy? ReadPolicy(Field field)
    {
        if (field.Map() is not { } f)
        {
            return null;
        }

        var attempts = (int?)f["max_attempts"]?.Int(0, 1_000_000);
        var condition = f["condition"]?.OneOf("none", "on-failure", "any", "always", "unless-stopped") switch
        {
            "none" => RestartCondition.No,
            "on-failure" => RestartCondition.OnFailure,
            "unless-stopped" => RestartCondition.UnlessStopped,
            _ => RestartCondition.Always,
        };
        f.Ignore("the engine waits longer after each failure by itself", "delay", "window");
        f.Close();
        return new(condition, condition == RestartCondition.OnFailure && attempts > 0 ? attempts : null);
    }
}
