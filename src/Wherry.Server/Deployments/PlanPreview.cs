using Wherry.Client;
using Wherry.Compose;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Environments;
using Wherry.Server.Logs;
using Wherry.Server.Secrets;

namespace Wherry.Server.Deployments;

/// <summary>What a deployment would do: reads and compares, changes nothing, builds nothing.</summary>
internal sealed class PlanPreview(SourceFetch sources, VariableStore variables, ReleaseStore releases, DeployPlanning planning, Engine engine)
{
    public async Task<DeployPlan> MakeAsync(EnvironmentRef environment, DeployRequest request, CancellationToken ct)
    {
        var values = await variables.ReadAsync(environment, ct);
        var prepared = await ReadMaskedAsync(environment, request, values, ct);
        var current = await releases.FindCurrentAsync(environment, ct);
        var notes = new List<string>(prepared.Warnings);
        var services = new Dictionary<ServiceName, ServiceSpec>();
        foreach (var (name, spec) in prepared.Model.Services)
        {
            services[name] = await WithImageAsync(spec, current, notes, ct);
        }

        var plan = await planning.PreviewAsync(environment, new Core.Model.Release((current?.Number ?? 0) + 1, prepared.Model with { Services = services }), request.RemoveOrphans, ct);
        return new DeployPlan(
            plan.Hash,
            [.. plan.Steps.Select(s => s.Describe())],
            [.. plan.Changes.Select(c => new ServiceChange(c.Service.Value, c.Kind.ToString().ToLowerInvariant(), c.Why, c.InPlace))],
            [.. plan.Orphans.Select(o => o.Value)],
            [.. notes, .. plan.Notes]);
    }

    /// <summary>Reads; no secret is in the problem when it cannot.</summary>
    private async Task<PreparedModel> ReadMaskedAsync(EnvironmentRef environment, DeployRequest request, Variables values, CancellationToken ct)
    {
        try
        {
            return await ReadAsync(environment, request, values, ct);
        }
        catch (ProblemException e)
        {
            throw new SecretMask(values.SecretValues).Apply(e.Problem).AsException(e);
        }
    }

    private async Task<PreparedModel> ReadAsync(EnvironmentRef environment, DeployRequest request, Variables values, CancellationToken ct)
    {
        var asked = ModelInput.Of(request);
        if (request.Image is not null)
        {
            return ModelReader.ReadAgain(asked, values);
        }

        await using var tree = await sources.FindAsync(environment, request, ct);
        if (tree is not null)
        {
            return ModelReader.ReadSource(new DirectoryFiles(tree.Root), asked, values);
        }

        var current = await releases.FindCurrentAsync(environment, ct) ?? throw Preparation.NothingDeployed(environment.ToString());
        return ModelReader.ReadAgain(await releases.InputAsync(environment, current.Number, ct), values);
    }

    /// <summary>A build's image is not known before it ran: the plan assumes that it stays the same, and says so.</summary>
    private async Task<ServiceSpec> WithImageAsync(ServiceSpec spec, Core.Model.Release? current, List<string> notes, CancellationToken ct)
    {
        var before = current?.Model.Services.GetValueOrDefault(spec.Name);
        if (spec.Build is not null)
        {
            notes.Add($"{spec.Name} is built when it is deployed; the plan assumes that its image stays the same");
            return spec with { Image = before?.Image, Routes = spec.Routes.Count > 0 ? spec.Routes : before?.Routes ?? [] };
        }

        var found = await engine.Images.FindAsync(spec.Image!, ct);
        if (found is null)
        {
            notes.Add($"{spec.Image} is pulled when it is deployed");
        }

        return spec with { Image = found is null ? spec.Image : ImageReference.Parse(found.Id), Routes = spec.Routes.Count > 0 ? spec.Routes : before?.Routes ?? [] };
    }
}
