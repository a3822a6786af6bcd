using System.Text.RegularExpressions;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.Runs;

/// <summary>A <c>docker run</c> line as a project of one service.</summary>
public static partial class RunImport
{
    /// <summary>From the words that a shell has made already.</summary>
    /// <param name="read">Content of a file that <c>--env-file</c> names; <see langword="null"/> when there is none.</param>
    /// <exception cref="ProblemException"><c>import/run-line</c>, <c>import/run-flag</c>, <c>import/file-missing</c>.</exception>
    public static ImportedProject Read(IReadOnlyList<string> words, Func<string, string?> read) => Read(RunLine.Parse(words), VariableText.Escape, read);

    /// <summary>From a line as it stands in a manual: variables of the shell become variables of the project, and the current folder is the project's.</summary>
    /// <inheritdoc cref="Read(IReadOnlyList{string}, Func{string, string?})"/>
    public static ImportedProject Read(string line, Func<string, string?> read) =>
        Read(RunLine.Parse([.. RunLine.Split(line).Select(w => CurrentFolder().Replace(w, "."))]), text => VariableText.Replace(text, _ => null, escape: true), read);

    private static ImportedProject Read(RunLine line, Func<string, string> write, Func<string, string?> read)
    {
        var parts = new RunService(write, read);
        foreach (var (name, value) in line.Flags)
        {
            parts.Take(name, value);
        }

        var (service, networks) = parts.Finish(line.Image, line.Command);
        var called = ImportNames.Project(parts.Name ?? line.Image.Split('@')[0].Split('/')[^1].Split(':')[0]);
        var whole = TreeEdit.Map(
            ("services", TreeEdit.Map((called, service))),
            ("networks", networks.Count > 0 ? TreeEdit.Map(networks.Distinct().Select(n => (n, (YamlNode?)TreeEdit.Map(("external", TreeEdit.Plain("true")))))) : null),
            ("volumes", parts.Volumes.Count > 0 ? TreeEdit.Map(parts.Volumes.Select(v => (v, (YamlNode?)TreeEdit.Nothing()))) : null));
        return new()
        {
            Name = called,
            Files = ImportText.Write(whole, new()).Concat(parts.Files).ToDictionary(f => f.Key, f => f.Value),
            Inputs = InputList.Of(whole, _ => null),
            Values = parts.Values,
            Lost = [.. parts.Lost, .. parts.Volumes.Select(v => new LostPoint($"volumes.{v}", "is a new volume of the project; for the one that is on the engine already write external: true and name:"))],
        };
    }

    [GeneratedRegex(@"\$(?:PWD\b|\{PWD\}|\(pwd\))|`pwd`")]
    private static partial Regex CurrentFolder();
}
