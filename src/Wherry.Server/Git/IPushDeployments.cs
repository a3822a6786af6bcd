using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Sources;

namespace Wherry.Server.Git;

/// <summary>Starts a deployment for a push, and lets the pusher watch it.</summary>
internal interface IPushDeployments
{
    /// <summary>Queues a deployment of <paramref name="tree"/>.</summary>
    /// <param name="environment">Where.</param>
    /// <param name="actor">Who pushed.</param>
    /// <param name="tree">From the return of this method on the deployment's to dispose; when it throws, the caller's.</param>
    /// <param name="ct">Cancels the queueing only. The deployment goes on when the pusher leaves.</param>
    /// <exception cref="ProblemException">It was not queued.</exception>
    Task<DeploymentTicket> DeployAsync(EnvironmentRef environment, string actor, SourceTree tree, CancellationToken ct);
}

/// <summary>A deployment that was queued.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Lines">Its log from the start, live, until it ends. Cancelling the enumeration leaves the deployment alone.</param>
/// <param name="End">How it ended; completes when it does, and never fails.</param>
internal sealed record DeploymentTicket(string Id, IAsyncEnumerable<string> Lines, Task<DeploymentEnd> End);

/// <param name="Problem">Why it failed or was superseded; <see langword="null"/>: it succeeded.</param>
/// <param name="Addresses">Where it answers now.</param>
internal sealed record DeploymentEnd(Problem? Problem, IReadOnlyList<string> Addresses);
