using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Preflight;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Projects;

namespace Wherry.Server.Preflight;

/// <summary>Looks at the server before a deployment touches anything: once before it builds, and again before it starts containers.</summary>
internal sealed class PreflightCheck(MachineLook machine, NeighbourLook neighbours, CapabilityStore capabilities)
{
    /// <summary>Says warnings in the deployment's log, each once.</summary>
    /// <exception cref="ProblemException">The server cannot give what the model wants; with several reasons <c>deployment/refused</c> names them all.</exception>
    public async Task CheckAsync(DeploymentRun run, ProjectModel model, CancellationToken ct)
    {
        // Going back, scaling and restarting bring nothing new, need next to no disk, and are what one does when something is wrong.
        var findings = await FindAsync(run.Environment, model, isNew: run.Intent.Kind is DeploymentKind.Deploy or DeploymentKind.Env, ct);
        foreach (var warning in findings.Where(f => !f.Refuses && run.Warned.Add(f.Problem.Code)))
        {
            await run.Log.WriteAsync("preflight", "wherry", $"{warning.Problem.Message} {warning.Problem.Hint}");
        }

        if (PreflightRules.Refusal(findings) is { } refusal)
        {
            throw refusal.AsException();
        }
    }

    /// <summary>Checks the disks before a source is fetched, which needs room itself, and everything when the model has been read.</summary>
    /// <inheritdoc cref="CheckAsync" path="/exception"/>
    public async Task AroundAsync(DeploymentRun run, Func<Task> prepare, CancellationToken ct)
    {
        if (run.Intent.Kind == DeploymentKind.Deploy)
        {
            await CheckDisksAsync(ct);
        }

        await NameDiskAsync(prepare, ct);
        if (run.Intent.Kind != DeploymentKind.Stop)
        {
            await CheckAsync(run, run.Prepared is { } prepared ? ModelReader.Foresee(prepared.Model, prepared.Input) : run.Wanted!.Model, ct);
        }
    }

    private async Task CheckDisksAsync(CancellationToken ct)
    {
        if ((await machine.LookAsync(ct)).Disks.Select(DiskFloor.Check).OfType<Problem>().FirstOrDefault() is { } low)
        {
            throw low.AsException();
        }
    }

    /// <summary>Says of a full disk of the engine which one it is.</summary>
    public async Task NameDiskAsync(Func<Task> work, CancellationToken ct)
    {
        try
        {
            await work();
        }
        catch (ProblemException e) when (e.Problem.Code == "docker/disk-full")
        {
            var disks = (await machine.LookAsync(ct)).Disks.Select(d => $"{d.Name} at {d.MountedAt} has {d.Free} of {d.Size} free");
            throw (e.Problem with { Message = $"{e.Problem.Message}\n  {string.Join("\n  ", disks)}" }).AsException(e);
        }
        catch (IOException e) when (FullDisk.Problem(e) is { } full)
        {
            throw full.AsException(e);
        }
    }

    /// <param name="isNew">Nothing like it was deployed before: it needs room, and leave for what it reaches out of its containers for.</param>
    /// <param name="environment">Where it shall run.</param>
    /// <param name="model">What shall run.</param>
    /// <param name="ct">Ends the look.</param>
    public async Task<IReadOnlyList<Finding>> FindAsync(EnvironmentRef environment, ProjectModel model, bool isNew, CancellationToken ct)
    {
        var facts = await neighbours.LookAsync(environment, model, await machine.LookAsync(ct), ct);
        return PreflightRules.Check(model, isNew ? facts with { Allowed = await capabilities.AllowedAsync(environment.Team, environment.Project, ct) } : facts, needsDisk: isNew);
    }
}
