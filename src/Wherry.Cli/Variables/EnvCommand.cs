using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Compose.Interpolation;
using Wherry.Core.Problems;

namespace Wherry.Cli.Variables;

/// <summary><c>wherry env list|set|unset|import</c>.</summary>
internal static class EnvCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("env", "Lists and changes the variables of an environment", "wherry env list", "wherry env set LOG_LEVEL=debug GREETING=\"it's $5\"", "wherry env set CERTIFICATE=- < cert.pem", "wherry env import .env", "wherry env unset LOG_LEVEL"),
        VariableChange.BuildList(verbs, secrets: null),
        [BuildSet(verbs), VariableChange.BuildUnset(verbs), BuildImport(verbs)]);

    private static Command BuildSet(Verbs verbs)
    {
        var values = new Argument<string[]>("name=value") { Description = "Values, taken as they are; NAME=- reads the value from standard input", Arity = ArgumentArity.OneOrMore };
        values.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.IndexOf('=', StringComparison.Ordinal) < 1))
            {
                result.AddError($"\"{token.Value}\" is not NAME=VALUE.");
            }
        });
        var options = new VariableOptions();
        var verb = new Verb("set", "Sets variables and deploys them", "wherry env set LOG_LEVEL=debug", "wherry env set --service worker QUEUES=mail,images", "wherry env set --no-deploy A=1 B=2") { values };
        options.AddTo(verb);
        return verbs.On(verb, async (call, ct) =>
        {
            var set = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var text in call.Get(values)!)
            {
                var equals = text.IndexOf('=', StringComparison.Ordinal);
                var value = text[(equals + 1)..];
                set[text[..equals]] = value == "-" ? await StandardInput.ReadAllAsync(call.World, ct) : value;
            }

            return await VariableChange.ApplyAsync(call, options, set, [], secret: false, ct);
        });
    }

    private static Command BuildImport(Verbs verbs)
    {
        var file = new Argument<string>("file") { Description = "File in the format of .env; - is standard input" };
        var options = new VariableOptions();
        var verb = new Verb("import", "Sets all variables of a .env file", "wherry env import .env", "vault export | wherry env import -") { file };
        options.AddTo(verb);
        return verbs.On(verb, async (call, ct) =>
        {
            var name = call.Get(file)!;
            var text = name == "-" ? await StandardInput.ReadAllAsync(call.World, ct) : await ReadAsync(Path.GetFullPath(name, call.World.Folder), ct);
            return await VariableChange.ApplyAsync(call, options, Parse(text, name), [], secret: false, ct);
        });
    }

    /// <exception cref="ProblemException"><c>variable/file</c> naming every line that cannot be read.</exception>
    internal static IReadOnlyDictionary<string, string> Parse(string text, string name)
    {
        var file = EnvFile.Parse(text, _ => null, _ => { });
        return file.Problems.Count == 0
            ? file.Values
            : throw new Problem("variable/file", $"{name} cannot be read: {string.Join("; ", file.Problems.Select(p => $"line {p.Line}: {p.Message}"))}.", "Mend these lines; nothing was set.").AsException();
    }

    internal static async Task<string> ReadAsync(string path, CancellationToken ct)
    {
        try
        {
            return await File.ReadAllTextAsync(path, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem("cli/file", $"{path} cannot be read: {e.Message}", "Check the path and its mode.").AsException(e);
        }
    }
}
