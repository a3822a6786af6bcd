using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Deployments;

/// <summary><c>wherry plan</c>: what a deployment would do and why. Changes nothing.</summary>
internal static class PlanCommand
{
    public static Command Build(Verbs verbs)
    {
        var source = new SourceOptions();
        var verb = new Verb("plan", "Shows what a deployment would do and why; changes nothing", "wherry plan", "wherry plan --image nginx:1.28", "wherry plan --json");
        source.AddTo(verb);
        return verbs.On(verb, async (call, ct) =>
        {
            var project = await source.ProjectAsync(call, ct);
            var request = await source.WithUploadAsync(call, project, source.Request(call), ct);
            var plan = await call.Client.PlanAsync(project, call.Environment, request, ct);
            call.Print(plan, ClientJson.Default.DeployPlan, o => Write(o, plan, call.World.ColourOut));
            return Exit.Ok;
        });
    }

    internal static void Write(TextWriter output, DeployPlan plan, bool colour)
    {
        foreach (var warning in plan.Warnings)
        {
            output.WriteLine($"{Paint.Yellow("warning", colour)}: {warning}");
        }

        foreach (var refusal in plan.Refusals)
        {
            output.WriteLine($"{Paint.Red("refused", colour)}: {refusal.Message}");
            output.WriteLine($"  → {refusal.Hint}");
            output.WriteLine($"  ({refusal.Code})");
        }

        var services = new Table("SERVICE", "CHANGE", "WHY");
        foreach (var service in plan.Services)
        {
            services.Add(service.Service, service.Change, service is { InPlace: true, Change: "scale" or "reroute" } ? $"{service.Why} (in place)" : service.Why);
        }

        services.Write(output);
        foreach (var orphan in plan.Orphans)
        {
            output.WriteLine($"{orphan} runs but is not in the Compose file; `--remove-orphans` removes it");
        }

        if (plan.Steps.Count == 0)
        {
            output.WriteLine("nothing to do: what runs is what is wanted");
            return;
        }

        output.WriteLine();
        for (var i = 0; i < plan.Steps.Count; i++)
        {
            output.WriteLine($"{i + 1,3}. {plan.Steps[i]}");
        }

        output.WriteLine();
        output.WriteLine($"plan {plan.Hash}: exactly this is deployed with `--plan {plan.Hash}`");
    }
}
