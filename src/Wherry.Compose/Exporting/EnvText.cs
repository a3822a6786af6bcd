using System.Text;
using Wherry.Compose.Writing;

namespace Wherry.Compose.Exporting;

/// <summary>Variables in the format of <c>.env</c>.</summary>
internal static class EnvText
{
    public static string Of(IReadOnlyList<WantedVariable> variables)
    {
        var text = new StringBuilder();
        foreach (var variable in variables)
        {
            text.Append("# ").Append(variable.For).Append('\n').Append(variable.Name).Append('=').Append(Value(variable.Value)).Append('\n');
        }

        return text.ToString();
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
