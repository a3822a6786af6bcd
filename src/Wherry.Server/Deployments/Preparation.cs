using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Builds;
using Wherry.Server.Logs;
using Wherry.Server.Secrets;

namespace Wherry.Server.Deployments;

/// <summary>From what was asked to a release: fetches the source, reads the model, builds, cuts.</summary>
internal sealed class Preparation(ModelSource models, VariableStore variables, ImageResolver images, ReleaseStore releases, PlanSketches sketches, ServerOptions options)
{
    public async Task PrepareAsync(DeploymentRun run, CancellationToken ct)
    {
        var values = await MaskAsync(run, ct);
        switch (run.Intent.Kind)
        {
            case DeploymentKind.Deploy:
                run.Prepared = await ReadAsync(run, values, ct);
                await sketches.CheckAsync(run, run.Prepared, ct);
                break;
            case DeploymentKind.Env:
                run.Current = await releases.FindCurrentAsync(run.Environment, ct);
                run.Prepared = await models.ReadAgainAsync(run.Environment, run.Current!.Number, values, ct);
                break;
            case DeploymentKind.Rollback:
                run.Wanted = await releases.GetAsync(run.Environment, run.Intent.Release!.Value, ct);
                await images.EnsurePresentAsync(run.Wanted, ct);
                break;
            default:
                run.Wanted = await releases.FindCurrentAsync(run.Environment, ct) ?? throw NothingDeployed(run.Environment.ToString());
                break;
        }

        foreach (var note in run.Intent.Notes)
        {
            await run.Log.WriteAsync("deploy", "wherry", note);
        }

        foreach (var warning in run.Prepared?.Warnings ?? [])
        {
            await run.Log.WriteAsync("model", "wherry", warning);
        }
    }

    /// <summary>From here on no secret reaches the log.</summary>
    public async Task<Variables> MaskAsync(DeploymentRun run, CancellationToken ct)
    {
        var values = await variables.ReadAsync(run.Environment, ct);
        run.Log.Mask = new SecretMask(values.SecretValues);
        return values;
    }

    /// <summary>Builds and resolves images; cuts a release unless it would equal the current one.</summary>
    public async Task CutAsync(DeploymentRun run, CancellationToken ct)
    {
        if (run.Prepared is not { } prepared)
        {
            return;
        }

        run.Current ??= await releases.FindCurrentAsync(run.Environment, ct);
        var model = await images.ResolveAsync(run, prepared.Model, ct);
        if (prepared.Input.ComposeFile is null)
        {
            model = await RouteAsync(run, model, prepared.Input, ct);
        }

        run.Wanted = run.Current is { } current && Same(current.Model, model)
            ? current
            : await releases.CutAsync(run.Environment, model, prepared.Input, Describe(run), run.Intent.Request.Message ?? run.Tree?.CommitMessage, ct);
        await images.KeepAsync(run.Environment, run.Wanted, ct);
        await run.Log.WriteAsync("release", "wherry", run.Wanted == run.Current ? $"same as the current release r{run.Wanted.Number}" : $"release r{run.Wanted.Number}");
        await run.CloseTreeAsync();
    }

    internal static ProblemException NothingDeployed(string environment) =>
        new Problem("release/none", $"Nothing has been deployed to {environment} yet.", "Deploy first: `git push wherry main` or `wherry deploy`.").AsException();

    private async Task<PreparedModel> ReadAsync(DeploymentRun run, Variables values, CancellationToken ct)
    {
        run.Tree ??= run.Intent.Request.Image is null ? await models.Sources.FindAsync(run, ct) : null;
        return await models.ReadAsync(run.Environment, run.Intent.Request, run.Tree, values, ct);
    }

    /// <summary>A one-service project gets a route to the port that it was given or that its image exposes; one without a port is a worker.</summary>
    private async Task<ProjectModel> RouteAsync(DeploymentRun run, ProjectModel model, ModelInput input, CancellationToken ct)
    {
        var (name, spec) = model.Services.Single();
        var exposed = await images.ExposedPortsAsync(spec.Image!, ct);
        var port = input.Port ?? (exposed.Count > 0 ? exposed.Min() : null);
        if (port is null)
        {
            await run.Log.WriteAsync("model", "wherry", "the image exposes no port: it runs without a route (give one with --port)");
            return model;
        }

        var host = input.Host is { } given ? HostName.Parse(given) : ModelReader.DefaultHost(run.Environment, options.Domain);
        var routed = spec with { Routes = [new Route(host, PathPrefix.Root, port.Value)] };
        return model with { Services = new Dictionary<ServiceName, ServiceSpec> { [name] = routed } };
    }

    private static bool Same(ProjectModel a, ProjectModel b) => Json(a) == Json(b);

    private static string Json(ProjectModel model) => System.Text.Json.JsonSerializer.Serialize(model, ModelJson.Default.ProjectModel);

    private static string Describe(DeploymentRun run) => run.Intent switch
    {
        { Kind: DeploymentKind.Env } => "changed variables",
        { Pushed: { } pushed } => pushed,
        { Request.Image: { } image } => $"image {image}",
        _ when run.Tree is { } tree => tree.Describe,
        _ => "the last source again",
    };
}
