using System.Globalization;
using Wherry.Cli.Frame;
using Wherry.Cli.Logs;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Deployments;

/// <summary>Follows a deployment to its end: its log as it comes, then how it ended.</summary>
internal static class DeploymentWatch
{
    /// <summary>Source of the log's lines that say why a deployment failed.</summary>
    private const string ProblemSource = "problem";

    /// <summary>The kind that leaves nothing to open.</summary>
    private const string Stop = "stop";

    /// <summary>Watches a deployment and says how it ended: addresses or the record on standard output, a problem on standard error.</summary>
    public static async Task<Exit> FollowAsync(Call call, Deployment deployment, CancellationToken ct)
    {
        var ended = await EndAsync(call, deployment, ct);
        if (call.Json)
        {
            call.PrintJson(ended, ClientJson.Default.Deployment);
        }
        else if (ended.Outcome is DeploymentOutcome.Succeeded && ended.Kind != Stop)
        {
            foreach (var address in ended.Addresses)
            {
                call.Result(address);
            }
        }

        return Judge(call, ended);
    }

    /// <summary>The deployment as it ended; tells its log meanwhile. Ctrl-C ends the watching only.</summary>
    public static async Task<Deployment> EndAsync(Call call, Deployment deployment, CancellationToken ct)
    {
        if (deployment.Outcome is not null)
        {
            return deployment;
        }

        try
        {
            using var progress = Progress.For(call);
            await foreach (var line in ResumedLog.LinesAsync(query => call.Client.DeploymentLogAsync(deployment.Id, query, ct), new LogQuery { Follow = true }, call.World.Time, ct))
            {
                if (line.Source != ProblemSource) // told at the end, from the deployment itself
                {
                    progress.Show(line);
                }
            }

            return await EndedAsync(call, deployment.Id, ct);
        }
        catch (OperationCanceledException)
        {
            call.Note($"The deployment goes on; see it with `wherry logs --deployment {deployment.Id} -f`.");
            throw;
        }
    }

    /// <summary>Says in words how a deployment ended.</summary>
    internal static Exit Judge(Call call, Deployment deployment)
    {
        if (deployment.Outcome is DeploymentOutcome.Succeeded)
        {
            call.Note(Success(deployment, call.World));
            return Exit.Ok;
        }

        var problem = deployment.Problem ?? (deployment.Outcome is DeploymentOutcome.Superseded
            ? new ApiProblem("deployment/superseded", "A newer deployment took the place of this one before it began.", "Nothing to do: the newer one goes on. See `wherry status`.")
            : new ApiProblem("deployment/failed", "The deployment failed.", $"Its log says why: `wherry logs --deployment {deployment.Id}`."));
        ProblemText.Write(call.World.Err, problem, call.World.ColourErr);
        return Exit.DeployFailed;
    }

    private static string Success(Deployment deployment, World world)
    {
        var what = deployment is { Release: { } release, Kind: not Stop } ? $"{deployment.Kind} done: {deployment.Project}/{deployment.Environment} runs release {release}" : $"{deployment.Kind} done: {deployment.Project}/{deployment.Environment}";
        var took = deployment switch
        {
            { Receipt: { Traffic: { } traffic } receipt } => string.Create(CultureInfo.InvariantCulture, $" after {Ago.Took(TimeSpan.FromSeconds(receipt.Seconds))}; {traffic.Served:N0} requests served meanwhile, {traffic.Failed:N0} failed"),
            { StartedAt: { } start, FinishedAt: { } end } => $" after {Ago.Took(end - start)}",
            _ => "",
        };
        return $"{Paint.Green("✓", world.ColourErr)} {what}{took}";
    }

    private static async Task<Deployment> EndedAsync(Call call, string id, CancellationToken ct)
    {
        while (true)
        {
            var deployment = await call.Client.DeploymentAsync(id, ct);
            if (deployment.Outcome is not null)
            {
                return deployment;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), call.World.Time, ct);
        }
    }
}
