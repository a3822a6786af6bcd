using System.Text.RegularExpressions;
using Wherry.Compose;
using Wherry.Compose.Interpolation;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Secrets;

namespace Wherry.Server.Deployments;

/// <summary>Refuses a source whose example file names variables that nobody set: at its root, and in the folder of each build.</summary>
internal static partial class UnsetVariables
{
    /// <summary>So many are told by name: the problem is stored and shown in every status.</summary>
    private const int MaxTold = 30;

    /// <param name="files">The source.</param>
    /// <param name="read">What was read from it.</param>
    /// <param name="variables">Those of the environment.</param>
    /// <exception cref="ProblemException"><c>env/unset</c> naming all of them.</exception>
    public static void Check(ISourceFiles files, PreparedModel read, Variables variables)
    {
        var unset = new SortedSet<string>(StringComparer.Ordinal);
        var examples = new List<string>();
        var given = Given(files, read, variables);
        foreach (var folder in Folders(read.Model))
        {
            if (ExampleVariables.FileNames.Select(n => Below(folder, n)).FirstOrDefault(p => files.ReadBytes(p) is not null) is not { } example)
            {
                continue;
            }

            var missing = ExampleVariables.Parse(files.ReadText(example) ?? "").Where(v => v.NeedsValue && !given.Contains(v.Name)).Select(v => v.Name).ToList();
            if (missing.Count > 0)
            {
                unset.UnionWith(missing);
                examples.Add(example);
            }
        }

        if (unset.Count > 0)
        {
            throw Unset(unset, examples).AsException();
        }
    }

    private static Problem Unset(SortedSet<string> names, List<string> examples)
    {
        var (verb, them) = names.Count == 1 ? ("is", "it") : ("are", "them");
        var told = names.Take(MaxTold).ToList();
        var more = names.Count > told.Count ? $" and {names.Count - told.Count} more" : "";
        return new Problem(
            "env/unset",
            $"{string.Join(", ", told)}{more} {verb} named by {string.Join(" and ", examples)}, and nobody set {them}. Nothing was built.",
            $"Set {them} and deploy again: `wherry env set --no-deploy {string.Join(" ", told.Select(n => $"{n}=…"))}`, secrets with `wherry secret set --no-deploy NAME`. One that may be empty: `NAME=`, or the word \"optional\" in a comment beside it in the example.");
    }

    private static IEnumerable<string> Folders(ProjectModel model) =>
        model.Services.Values.Where(s => s.Build is not null && s.Source is null).Select(s => s.Build!.Context.Value).Prepend(SourcePath.Root.Value).Distinct();

    /// <summary>Set for the environment or a service, written in the Compose file, a build's argument, in the source's <c>.env</c> or its Dockerfile.</summary>
    private static HashSet<string> Given(ISourceFiles files, PreparedModel read, Variables variables)
    {
        var unresolved = read.Uses.Where(u => u.Origin == VariableOrigin.Unset).Select(u => u.Name).ToHashSet();
        var given = variables.All.Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var spec in read.Model.Services.Values)
        {
            // What was replaced by nothing, because nobody set it, is not set by being mentioned.
            given.UnionWith(spec.Environment.Concat(spec.Build?.Args ?? new Dictionary<string, string>()).Where(e => e.Value.Length > 0 || !unresolved.Contains(e.Key)).Select(e => e.Key));
            if (spec is { Build: { } build, Source: null })
            {
                given.UnionWith(InDockerfile(Text(files, Below(build.Context.Value, build.Dockerfile))));
            }
        }

        foreach (var folder in Folders(read.Model))
        {
            given.UnionWith(EnvFile.Parse(Text(files, Below(folder, ".env")), _ => null, _ => { }).Values.Keys);
        }

        // Also files that are included and extended; a file of variables has no defaults that count here.
        foreach (var file in read.Input.Files.Keys.Where(f => f == read.Input.ComposeFile || f.EndsWith(".yaml", StringComparison.Ordinal) || f.EndsWith(".yml", StringComparison.Ordinal)))
        {
            given.UnionWith(WithDefault().Matches(Text(files, file)).Select(m => m.Groups["name"].Value));
        }

        return given;
    }

    private static string Below(string folder, string file) => folder == SourcePath.Root.Value ? file : $"{folder}/{file}";

    private static string Text(ISourceFiles files, string path) => files.ReadBytes(path) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : "";

    /// <summary>Names that <c>ENV</c> sets, and arguments with a default.</summary>
    private static IEnumerable<string> InDockerfile(string text) =>
        from line in text.ReplaceLineEndings("\n").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
        let words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
        where words.Length > 1 && (IsWord(words[0], "ENV") || IsWord(words[0], "ARG"))
        let older = IsWord(words[0], "ENV") && !words[1].Contains('=', StringComparison.Ordinal) // ENV NAME value
        from name in older ? [words[1]] : words.Skip(1).Where(w => w.Contains('=', StringComparison.Ordinal)).Select(w => w[..w.IndexOf('=', StringComparison.Ordinal)])
        select name;

    private static bool IsWord(string text, string instruction) => text.Equals(instruction, StringComparison.OrdinalIgnoreCase);

    /// <summary><c>${NAME:-default}</c>: the file says what it is when nobody set it.</summary>
    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*):?[-+]")]
    private static partial Regex WithDefault();
}
