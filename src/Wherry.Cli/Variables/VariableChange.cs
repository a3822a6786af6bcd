using System.CommandLine;
using Wherry.Cli.Deployments;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Variables;

/// <summary>Options of every command that changes variables.</summary>
internal sealed class VariableOptions
{
    public Option<string?> Service { get; } = new("--service") { Description = "Only for this service (default: the whole environment)", HelpName = "NAME" };

    public Option<bool> NoDeploy { get; } = new("--no-deploy") { Description = "Keep the change for the next deployment" };

    public void AddTo(Command command)
    {
        command.Add(Service);
        command.Add(NoDeploy);
    }
}

/// <summary>What <c>env</c> and <c>secret</c> have in common.</summary>
internal static class VariableChange
{
    /// <param name="secrets"><see langword="true"/>: secrets only; <see langword="null"/>: everything.</param>
    public static Command BuildList(Verbs verbs, bool? secrets) =>
        verbs.On(new Verb("list", secrets is true ? "Lists secrets; their values are never shown" : "Lists variables; the values of secrets are never shown"), async (call, ct) =>
        {
            var project = await call.ProjectAsync(ct);
            var all = await call.Client.VariablesAsync(project, call.Environment, ct);
            IReadOnlyList<Variable> shown = [.. all.Where(v => secrets is null || v.Secret == secrets)];
            call.Print(shown, ClientJson.Default.IReadOnlyListVariable, o => Write(o, shown));
            return Exit.Ok;
        });

    public static Command BuildUnset(Verbs verbs)
    {
        var names = new Argument<string[]>("name") { Description = "Names to remove", Arity = ArgumentArity.OneOrMore };
        var options = new VariableOptions();
        var verb = new Verb("unset", "Removes variables and deploys without them") { names };
        options.AddTo(verb);
        return verbs.On(verb, (call, ct) => ApplyAsync(call, options, new Dictionary<string, string>(), call.Get(names)!, secret: false, ct));
    }

    /// <summary>Changes variables and follows the deployment that applies them.</summary>
    public static async Task<Exit> ApplyAsync(Call call, VariableOptions options, IReadOnlyDictionary<string, string> set, IReadOnlyList<string> remove, bool secret, CancellationToken ct)
    {
        var project = await call.ProjectAsync(ct);
        var change = new ChangeVariables(set, remove, call.Get(options.Service), secret, !call.Get(options.NoDeploy));
        var changed = await call.Client.ChangeVariablesAsync(project, call.Environment, change, ct);
        call.Note(Told(set.Count, remove.Count, project, call.Environment));
        if (changed.Unused.Count > 0)
        {
            call.Note($"no service of the current release uses {string.Join(", ", changed.Unused)} yet: name it under `environment` in the Compose file, or set it with --service");
        }

        if (call.Json)
        {
            call.PrintJson(changed, ClientJson.Default.VariablesChanged);
        }

        if (changed.Deployment is not { } id)
        {
            return Exit.Ok;
        }

        return DeploymentWatch.Judge(call, await DeploymentWatch.EndAsync(call, await call.Client.DeploymentAsync(id, ct), ct));
    }

    internal static void Write(TextWriter output, IReadOnlyList<Variable> variables)
    {
        if (variables.Count == 0)
        {
            output.WriteLine("none yet");
            return;
        }

        var table = new Table("NAME", "VALUE", "SERVICE", "USED BY");
        foreach (var variable in variables)
        {
            table.Add(variable.Name, variable.Secret ? "••••••" : OneLine(variable.Value ?? ""), variable.Service ?? "(all)", variable.UsedBy.Count == 0 ? "-" : string.Join(", ", variable.UsedBy));
        }

        table.Write(output);
    }

    // The whole value is in --json; a table has room for its first line.
    private static string OneLine(string value)
    {
        var end = value.IndexOf('\n', StringComparison.Ordinal);
        var line = end < 0 ? value : value[..end];
        return end < 0 && line.Length <= 60 ? line : line[..Math.Min(line.Length, 59)] + "…";
    }

    private static string Told(int set, int removed, string project, string environment)
    {
        var parts = new List<string>();
        if (set > 0)
        {
            parts.Add($"{set} set");
        }

        if (removed > 0)
        {
            parts.Add($"{removed} removed");
        }

        return $"{string.Join(", ", parts)} in {project}/{environment}";
    }
}
