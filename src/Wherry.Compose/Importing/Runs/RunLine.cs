using Wherry.Compose.Reading;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.Runs;

/// <summary>A <c>docker run</c> line, taken apart as Docker does it.</summary>
/// <param name="Flags">Long names with their values, in order; <c>true</c> or <c>false</c> for one without a value.</param>
internal sealed record RunLine(IReadOnlyList<(string Name, string Value)> Flags, string Image, IReadOnlyList<string> Command)
{
    /// <exception cref="ProblemException"><c>import/run-line</c>, <c>import/run-flag</c>.</exception>
    public static RunLine Parse(IReadOnlyList<string> words)
    {
        var rest = new Queue<string>(words);
        SkipProgram(rest);
        var flags = new List<(string, string)>();
        while (rest.TryPeek(out var word) && word is ['-', _, ..])
        {
            rest.Dequeue();
            if (word == "--")
            {
                break;
            }

            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                flags.Add(ReadLong(word[2..], rest));
            }
            else
            {
                ReadShort(word, rest, flags);
            }
        }

        return rest.TryDequeue(out var image) && image.Length > 0
            ? new(flags, image, [.. rest])
            : throw Wrong("The line names no image.", "Write it to its end: docker run FLAGS IMAGE COMMAND.");
    }

    /// <summary>The words of a text, without a shell.</summary>
    /// <exception cref="ProblemException"><c>import/run-line</c>.</exception>
    public static List<string> Split(string text)
    {
        try
        {
            return ShellWords.Split(text.ReplaceLineEndings("\n").Trim());
        }
        catch (FormatException e)
        {
            throw Wrong($"The line cannot be taken apart: {e.Message}.", "Give one docker run line without anything that a shell would have to do.");
        }
    }

    private static void SkipProgram(Queue<string> words)
    {
        if (words.TryPeek(out var first) && first == "sudo")
        {
            words.Dequeue();
        }

        var isProgram = words.TryPeek(out var program) && Path.GetFileName(program) is "docker" or "podman" or "nerdctl";
        if (isProgram)
        {
            words.Dequeue();
        }

        if (words.TryPeek(out var group) && group == "container")
        {
            words.Dequeue();
        }

        if (!words.TryDequeue(out var verb) || verb is not ("run" or "create") || !isProgram)
        {
            throw Wrong("This is no docker run line.", "Begin with docker run, for instance `wherry import run -- docker run -d -p 8080:80 nginx`.");
        }
    }

    private static (string, string) ReadLong(string word, Queue<string> rest)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? word : word[..equals];
        var flag = RunFlag.Find(name) ?? throw Unknown($"--{name}");
        return flag.TakesValue
            ? (name, equals >= 0 ? word[(equals + 1)..] : Next(rest, $"--{name}"))
            : (name, equals >= 0 && word[(equals + 1)..] is "false" or "0" ? "false" : "true");
    }

    /// <summary><c>-dit</c>, <c>-p 80:80</c>, <c>-p80:80</c>: letters without a value, and one with a value at the end.</summary>
    private static void ReadShort(string word, Queue<string> rest, List<(string, string)> flags)
    {
        for (var i = 1; i < word.Length; i++)
        {
            var name = RunFlag.LongOf(word[i]) ?? throw Unknown($"-{word[i]}");
            if (!RunFlag.Find(name)!.TakesValue)
            {
                flags.Add((name, "true"));
                continue;
            }

            var value = word[(i + 1)..];
            flags.Add((name, value.Length == 0 ? Next(rest, $"-{word[i]}") : value.TrimStart('=')));
            return;
        }
    }

    private static string Next(Queue<string> rest, string flag) =>
        rest.TryDequeue(out var value) ? value : throw Wrong($"{flag} has no value.", "Write the line to its end.");

    internal static ProblemException Wrong(string message, string hint) => new Problem("import/run-line", message, hint).AsException();

    internal static ProblemException Unknown(string flag) =>
        new Problem("import/run-flag", $"The flag {Problem.Quoted(flag)} has no counterpart in a Compose file.", "Leave it out of the line, and look whether the service needs it.").AsException();
}
