using System.CommandLine;
using Wherry.Cli.Deployments;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Reconcile;

/// <summary><c>wherry drift</c>: where what runs differs from what should.</summary>
internal static class DriftCommand
{
    public static Command Build(Verbs verbs)
    {
        var only = new Argument<string?>("project") { Description = "Only this project (default: all)", Arity = ArgumentArity.ZeroOrOne };
        var revert = new Option<bool>("--revert") { Description = "Make the environment as it should be, through a deployment" };
        var adopt = new Option<bool>("--adopt") { Description = "Take over how many replicas run and what is stopped" };
        var verb = new Verb("drift", "Shows where what runs differs from what should; exits with 6 when it does", "wherry drift", "wherry drift shop --revert", "wherry drift shop --adopt") { only, revert, adopt };
        verb.Validators.Add(result =>
        {
            if (result.GetValue(revert) && result.GetValue(adopt))
            {
                result.AddError("--revert and --adopt are opposites: give one of them.");
            }
        });
        return verbs.On(verb, async (call, ct) => (call.Get(revert), call.Get(adopt)) switch
        {
            (true, _) => await RevertAsync(call, await ProjectAsync(call, only, ct), ct),
            (_, true) => await AdoptAsync(call, await ProjectAsync(call, only, ct), ct),
            _ => await ShowAsync(call, call.Get(only) ?? call.NamedProject, ct),
        });
    }

    internal static void Write(TextWriter output, IReadOnlyList<Drift> drifts, DateTimeOffset now)
    {
        if (drifts.Count == 0)
        {
            output.WriteLine("no drift: what runs is what should run");
            return;
        }

        var table = new Table("SERVICE", "DRIFT", "SHOULD BE", "IS", "SINCE", "");
        foreach (var d in drifts)
        {
            table.Add($"{d.Project}/{d.Environment}{(d.Service is { } service ? $" {service}" : "")}", d.Kind, d.Wanted, d.Found, Ago.Of(d.Since, now), d.Heals ? "heals" : "");
        }

        table.Write(output);
    }

    private static async Task<Exit> ShowAsync(Call call, string? project, CancellationToken ct)
    {
        var drifts = await call.Client.DriftAsync(project, ct);
        call.Print(drifts, ClientJson.Default.IReadOnlyListDrift, o => Write(o, drifts, call.World.Time.GetUtcNow()));
        return drifts.Count == 0 ? Exit.Ok : Exit.Drift;
    }

    private static async Task<Exit> RevertAsync(Call call, string project, CancellationToken ct) =>
        await DeploymentWatch.FollowAsync(call, await call.Client.RevertDriftAsync(project, call.Environment, ct), ct);

    private static async Task<Exit> AdoptAsync(Call call, string project, CancellationToken ct)
    {
        var adopted = await call.Client.AdoptDriftAsync(project, call.Environment, ct);
        if (adopted.Count == 0)
        {
            throw new Problem("drift/not-adoptable", "Only the number of replicas, and what is stopped, can be taken over.", "Change settings and routes in the Compose file and deploy, or use `wherry drift --revert`.").AsException();
        }

        call.Print(adopted, ClientJson.Default.IReadOnlyListString, o => o.WriteLine(string.Join(Environment.NewLine, adopted)));
        return Exit.Ok;
    }

    private static async Task<string> ProjectAsync(Call call, Argument<string?> only, CancellationToken ct) => call.Get(only) ?? await call.ProjectAsync(ct);
}
