using System.Text;
using Wherry.Cli.Frame;
using Wherry.Core.Problems;

namespace Wherry.Cli.Variables;

/// <summary>Values that come over standard input instead of the command line, where others could see them.</summary>
internal static class StandardInput
{
    /// <summary>All of it, without one line end at its end: what <c>echo</c> adds is not part of the value.</summary>
    public static async Task<string> ReadAllAsync(World world, CancellationToken ct)
    {
        using var reader = new StreamReader(world.In, new UTF8Encoding(false), leaveOpen: true);
        var text = await reader.ReadToEndAsync(ct);
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }

    /// <summary>A line typed without being shown, or all of standard input when it is no terminal.</summary>
    /// <exception cref="ProblemException"><c>cli/empty-secret</c>.</exception>
    public static async Task<string> ReadSecretAsync(World world, string name, CancellationToken ct)
    {
        var value = world.InIsTerminal ? Ask(world, name) : await ReadAllAsync(world, ct);
        return value.Length > 0
            ? value
            : throw new Problem("cli/empty-secret", $"No value for {name} came over standard input.", $"Type it when asked, or pipe it: `wherry secret set {name} < file`.").AsException();
    }

    private static string Ask(World world, string name)
    {
        world.Err.Write($"Value of {name} (not shown): ");
        var value = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key is ConsoleKey.Backspace)
            {
                value.Length = Math.Max(0, value.Length - 1);
            }
            else if (key.KeyChar != '\0')
            {
                value.Append(key.KeyChar);
            }
        }

        world.Err.WriteLine();
        return value.ToString();
    }
}
