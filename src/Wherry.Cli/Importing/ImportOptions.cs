using System.CommandLine;
using Wherry.Cli.Frame;

namespace Wherry.Cli.Importing;

/// <summary>Options of every import.</summary>
internal sealed class ImportOptions
{
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Folder to write (default: the template's name)", HelpName = "DIR" };
    private readonly Option<bool> _force = new("--force") { Description = "Write over a Compose file that is there, whose .env is kept; write also what is refused" };
    private readonly Option<string[]> _set = new("--set") { Description = "Value of an input; may be repeated", HelpName = "NAME=VALUE" };
    private readonly Option<string?> _domain = new("--domain") { Description = "Give every host that is asked for a name below this domain", HelpName = "DOMAIN" };

    public void AddTo(Command command)
    {
        command.Add(_output);
        command.Add(_force);
        AddInputsTo(command);
    }

    public void AddInputsTo(Command command)
    {
        _set.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.IndexOf('=', StringComparison.Ordinal) < 1))
            {
                result.AddError($"\"{token.Value}\" is not NAME=VALUE.");
            }
        });
        command.Add(_set);
        command.Add(_domain);
    }

    public string? Output(Call call) => call.Get(_output);

    public bool Force(Call call) => call.Get(_force);

    public string? Domain(Call call) => call.Get(_domain);

    public IReadOnlyDictionary<string, string> Given(Call call)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in call.Get(_set) ?? [])
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            given[text[..equals]] = text[(equals + 1)..];
        }

        return given;
    }
}
