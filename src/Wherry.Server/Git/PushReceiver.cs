using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Sources;

namespace Wherry.Server.Git;

/// <summary>Decides about a push before Git moves a ref: deploys branches that environments deploy from, lets everything else through.</summary>
internal sealed class PushReceiver(PushRegistry pushes, Commits commits, SourceStore sources, EnvironmentStore environments, IPushDeployments deployments, GitProgram git)
{
    /// <param name="push">Who pushes where.</param>
    /// <param name="updates">All refs of the push; Git moves all of them or none.</param>
    /// <param name="quarantine">Folder of the new objects; <see langword="null"/> when there are none.</param>
    /// <param name="say">Shows a line in the pusher's terminal.</param>
    /// <param name="ct">The pusher left. What was queued goes on.</param>
    /// <exception cref="ProblemException">The push is refused.</exception>
    public async Task ReceiveAsync(PushRegistry.Push push, IReadOnlyList<RefUpdate> updates, string? quarantine, Func<string, Task> say, CancellationToken ct)
    {
        foreach (var update in updates)
        {
            await ClaimAsync(push, update, ct);
        }

        var all = await environments.ListAsync(push.Caller.Team, ct);
        foreach (var update in updates)
        {
            var targets = all.Where(e => e.Project == push.Project.Value && e.Branch is not null && e.Branch == update.Branch).ToList();
            if (update.Deletes)
            {
                await say($"deleted {update.Name}{(targets.Count > 0 ? "; what was deployed from it goes on running" : "")}");
            }
            else if (targets.Count == 0)
            {
                await say(update.Branch is null ? $"stored {update.Name}" : $"stored {update.Name}; no environment deploys from it");
            }
            else
            {
                await DeployAsync(push, update, targets, quarantine, say, ct);
            }
        }
    }

    /// <summary>Refuses what Git would refuse after the deployment: a ref that somebody else moves, or has moved since the pusher looked.</summary>
    private async Task ClaimAsync(PushRegistry.Push push, RefUpdate update, CancellationToken ct)
    {
        if (!pushes.Claim(push, update.Name))
        {
            throw new Problem("push/busy", $"Another push to {update.Name} of {push.Project} is being deployed.", $"Wait until it ends (`wherry status {push.Project}`), then push again.").AsException();
        }

        var now = await git.RunAsync(new GitCall("rev-parse", "--verify", "--quiet", "--end-of-options", update.Name) { Repository = push.Repository }, ct);
        if (update.Creates ? now.Succeeded : now.Output.Trim() != update.Old)
        {
            throw new Problem("push/stale", $"{update.Name} of {push.Project} was moved by somebody else in the meantime.", "Run `git fetch`, look at what changed, and push again.").AsException();
        }
    }

    private async Task DeployAsync(PushRegistry.Push push, RefUpdate update, List<EnvironmentRow> targets, string? quarantine, Func<string, Task> say, CancellationToken ct)
    {
        var commit = await commits.ReadAsync(push.Repository, update.New, quarantine, ct);
        if (SkipWords.Find(commit.Message) is { } word)
        {
            await say($"stored {update.Name}; not deployed, because the commit says {word}");
            return;
        }

        // Before any of them is deployed: a push is refused as a whole.
        if (targets.FirstOrDefault(t => t.ToContract().Lock is { Scope: LockScope.Everything }) is { } locked)
        {
            throw EnvironmentLocks.Refusal(locked.Ref(push.Caller.Team), locked.ToContract().Lock!);
        }

        foreach (var target in targets)
        {
            if (target.ToContract().Lock is { } held)
            {
                await SayHeldBackAsync(update, target, held, say);
            }
            else
            {
                await DeployAsync(push, update, commit, target.Ref(push.Caller.Team), quarantine, say, ct);
            }
        }
    }

    private static async Task SayHeldBackAsync(RefUpdate update, EnvironmentRow target, EnvironmentLock held, Func<string, Task> say)
    {
        var named = $"-p {target.Project} -e {target.Name}";
        await say($"stored {update.Name}; not deployed to {target.Project}/{target.Name}: pushes are held back by {held.Holder} since {held.Since:u}{(held.Message is { } message ? $" ({message})" : "")}");
        await say($"  deploy it with `wherry deploy --ref {update.Branch} {named}`; let pushes deploy again with `wherry unlock {named}`");
    }

    private async Task DeployAsync(PushRegistry.Push push, RefUpdate update, Commit commit, EnvironmentRef environment, string? quarantine, Func<string, Task> say, CancellationToken ct)
    {
        await say($"{commit.Short} {commit.Title}");
        var tree = await sources.FromCommitAsync(push.Repository, commit, SourcePath.Root, $"push {commit.Short} on {update.Branch}", quarantine, ct);
        DeploymentTicket ticket;
        try
        {
            ticket = await deployments.DeployAsync(environment, push.Caller.Actor, tree, ct);
        }
        catch
        {
            await tree.DisposeAsync();
            throw;
        }

        await say($"deploying to {environment}; it goes on if you leave: wherry status {environment.Project}");
        await foreach (var line in ticket.Lines.WithCancellation(ct))
        {
            await say(line);
        }

        var end = await ticket.End.WaitAsync(ct);
        if (end.Problem is { } problem)
        {
            throw problem.AsException();
        }

        await say($"{environment} is live");
        foreach (var address in end.Addresses)
        {
            await say($"  {address}");
        }
    }
}
