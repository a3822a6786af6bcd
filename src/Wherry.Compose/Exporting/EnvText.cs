using System.Text;
using Wherry.Compose.Writing;

namespace Wherry.Compose.Exporting;

/// <summary>Variables in the format of <c>.env</c>.</summary>
internal static class EnvText
{
    /// <summary><c>.env</c> with the values, where they are asked for; else <c>.env.example</c> without.</summary>
    public static ExportedFile File(IReadOnlyList<WantedVariable> variables, ExportWish wish)
    {
        var text = new StringBuilder();
        foreach (var variable in variables)
        {
            var value = wish.Secrets?.GetValueOrDefault(variable.Name) is { } bytes ? Encoding.UTF8.GetString(bytes) : variable.Value;
            text.Append("# ").Append(variable.For).Append('\n').Append(variable.Name).Append('=').Append(Value(wish.WithSecrets ? value : "")).Append('\n');
        }

        return new(wish.WithSecrets ? ".env" : ".env.example", Encoding.UTF8.GetBytes(text.ToString()), wish.WithSecrets);
    }

    /// <summary>Single quotes keep everything but themselves; double quotes know escapes.</summary>
    private static string Value(string value)
    {
        if (value.Length == 0)
        {
            return "";
        }

        if (!value.Contains('\'', StringComparison.Ordinal))
        {
            return $"'{value}'";
        }

        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            text.Append(c switch { '\\' or '"' or '$' => $"\\{c}", '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", _ => c.ToString() });
        }

        return text.Append('"').ToString();
    }
}
