using Wherry.Client;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Logs;
using Wherry.Server.Secrets;

namespace Wherry.Server.Deployments;

/// <summary>What a deployment would do: reads and compares, changes nothing, builds nothing.</summary>
internal sealed class PlanPreview(ModelSource models, VariableStore variables, ReleaseStore releases, DeployPlanning planning, PlanSketches sketches, PlanStore plans)
{
    /// <exception cref="ProblemException">As a deployment would fail; no secret is in it.</exception>
    public async Task<DeployPlan> MakeAsync(EnvironmentRef environment, DeployRequest request, CancellationToken ct)
    {
        var values = await variables.ReadAsync(environment, ct);
        try
        {
            await using var tree = request.Image is null ? await models.Sources.FindAsync(environment, request, ct) : null;
            var sketch = await sketches.MakeAsync(environment, request, await models.ReadAsync(environment, request, tree, values, ct), tree, ct);
            return await PlanAsync(environment, request, sketch, ct);
        }
        catch (ProblemException e)
        {
            throw new SecretMask(values.SecretValues).Apply(e.Problem).AsException(e);
        }
    }

    private async Task<DeployPlan> PlanAsync(EnvironmentRef environment, DeployRequest request, PlanSketch sketch, CancellationToken ct)
    {
        var current = await releases.FindCurrentAsync(environment, ct);
        var plan = await planning.PreviewAsync(environment, new Core.Model.Release((current?.Number ?? 0) + 1, sketch.Model), request, ct);
        var findings = await planning.Preflight.FindAsync(environment, ModelReader.Foresee(sketch.Model, ModelInput.Of(request)), isNew: true, ct);
        await plans.SaveAsync(environment, sketch.Basis, ct);
        return new DeployPlan(
            sketch.Basis.Hash,
            [.. plan.Steps.Select(s => s.Describe())],
            [.. plan.Changes.Select(c => Told(c, sketch))],
            [.. plan.Orphans.Select(o => o.Value)],
            [.. sketch.Notes, .. plan.Notes, .. findings.Where(f => !f.Refuses).Select(f => f.Problem.Message)])
        {
            Refusals = [.. findings.Where(f => f.Refuses).Select(f => new ApiProblem(f.Problem.Code, f.Problem.Message, f.Problem.Hint))],
        };
    }

    private static ServiceChange Told(Change change, PlanSketch sketch) => new(
        change.Service.Value,
        change.Kind.ToString().ToLowerInvariant(),
        sketch.Builds.GetValueOrDefault(change.Service) is { } built ? change.Why is "image" or "unchanged" ? built : $"{change.Why}; {built}" : change.Why,
        change.InPlace);
}
