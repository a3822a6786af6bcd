using System.Text;
using System.Text.RegularExpressions;

namespace Wherry.Docker;

/// <summary>Text that was meant for a terminal.</summary>
internal static partial class TerminalText
{
    /// <summary>What stands on the terminal's line in the end: overwritten text and colours are gone.</summary>
    public static string Shown(ReadOnlyMemory<byte> line)
    {
        var text = Escapes().Replace(Encoding.UTF8.GetString(line.Span), "").TrimEnd('\r');
        return text[(text.LastIndexOf('\r') + 1)..];
    }

    [GeneratedRegex(@"\x1b\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes();
}
