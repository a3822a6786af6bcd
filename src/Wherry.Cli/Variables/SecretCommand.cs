using System.CommandLine;
using Wherry.Cli.Frame;

namespace Wherry.Cli.Variables;

/// <summary><c>wherry secret set|list|unset</c>.</summary>
internal static class SecretCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("secret", "Lists and changes secrets: write-only, encrypted at rest, masked in every log", "wherry secret set POSTGRES_PASSWORD", "wherry secret set TLS_KEY --from-file key.pem", "openssl rand -hex 24 | wherry secret set SESSION_SECRET", "wherry secret list"),
        VariableChange.BuildList(verbs, secrets: true),
        [BuildSet(verbs), VariableChange.BuildUnset(verbs)]);

    private static Command BuildSet(Verbs verbs)
    {
        var name = new Argument<string>("name") { Description = "Name of the secret" };
        name.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && text.Contains('=', StringComparison.Ordinal))
            {
                result.AddError("A secret's value does not belong on the command line, where the shell's history keeps it and other users see it. Give the name only; the value is asked for, or read from standard input or --from-file.");
            }
        });
        var file = new Option<string?>("--from-file") { Description = "Read the value from this file, byte for byte", HelpName = "FILE" };
        var options = new VariableOptions();
        var verb = new Verb("set", "Sets a secret; its value is asked for, or read from standard input", "wherry secret set POSTGRES_PASSWORD", "wherry secret set TLS_KEY --from-file key.pem") { name, file };
        options.AddTo(verb);
        return verbs.On(verb, async (call, ct) =>
        {
            var value = call.Get(file) is { } path
                ? await EnvCommand.ReadAsync(Path.GetFullPath(path, call.World.Folder), ct)
                : await StandardInput.ReadSecretAsync(call.World, call.Get(name)!, ct);
            return await VariableChange.ApplyAsync(call, options, new Dictionary<string, string> { [call.Get(name)!] = value }, [], secret: true, ct);
        });
    }
}
