using System.CommandLine;

namespace Wherry.Cli.Frame;

/// <summary>Options that every verb takes.</summary>
internal sealed class GlobalOptions
{
    public const string DefaultHome = "/var/lib/wherry";

    public Option<string?> Home { get; } = new("--home") { Description = $"State folder of the Wherry on this machine (WHERRY_HOME; default {DefaultHome})", HelpName = "FOLDER", Recursive = true };

    public Option<string?> Server { get; } = new("--server") { Description = "Address of a Wherry elsewhere (WHERRY_SERVER); needs a token", HelpName = "URL", Recursive = true };

    public Option<string?> Token { get; } = new("--token") { Description = "Token for --server (WHERRY_TOKEN)", HelpName = "TOKEN", Recursive = true };

    public Option<string?> Project { get; } = new("--project", "-p") { Description = "Project (WHERRY_PROJECT; default: the Git remote `wherry`, the Compose file's `name`, or the folder's name)", HelpName = "NAME", Recursive = true };

    public Option<string> Environment { get; } = new("--environment", "-e") { Description = "Environment of the project", HelpName = "NAME", Recursive = true, DefaultValueFactory = _ => "production" };

    public Option<bool> Json { get; } = new("--json") { Description = "Print the API's record instead of text", Recursive = true };

    public Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Print results and problems only, no progress", Recursive = true };

    public IEnumerable<Option> All => [Project, Environment, Json, Quiet, Home, Server, Token];
}
