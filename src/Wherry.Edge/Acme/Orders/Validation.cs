using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Edge.Acme.Solving;

namespace Wherry.Edge.Acme.Orders;

/// <summary>Proves the names of an order: presents all answers, lets the authority look, takes them away again.</summary>
internal sealed partial class Validation(AcmeClient client, IReadOnlyList<IChallengeSolver> solvers, TimeProvider time, ILogger<Validation> logger)
{
    private static readonly TimeSpan TidyWithin = TimeSpan.FromSeconds(30);

    /// <param name="attempt">Each takes the next of the ways that are open for a name.</param>
    /// <param name="isResumed">A process before may have left answers behind.</param>
    /// <exception cref="ProblemException"><c>acme/challenge-failed</c>, or a provider's or the authority's refusal.</exception>
    public async Task ProveAsync(AcmeOrder order, CertificateNames names, int attempt, bool isResumed, Patience patience, CancellationToken ct)
    {
        var proofs = new List<Proof>();
        foreach (var url in order.Authorizations)
        {
            var authorization = await client.AuthorizationAsync(url, ct);
            if (authorization.Status != "valid" || isResumed)
            {
                proofs.AddRange(await ChooseAsync(authorization, names, attempt, ct));
            }
        }

        var open = proofs.Where(p => p.IsOpen).ToList();
        try
        {
            await PresentAsync(open, ct);
            foreach (var proof in open.Where(p => p.Challenge.Status == "pending"))
            {
                await client.TriggerAsync(proof.Challenge, ct);
            }

            foreach (var proof in open)
            {
                await AwaitAsync(proof, patience, ct);
            }
        }
        catch (ProblemException e) when (e.Problem.Code == AcmeProblems.Failed)
        {
            await GiveUpAsync(open, ct);
            throw;
        }
        finally
        {
            await TidyAsync(proofs);
        }
    }

    /// <summary>One proof; none for a valid authorization of which nothing can be left behind.</summary>
    private async Task<IEnumerable<Proof>> ChooseAsync(Authorization authorization, CertificateNames names, int attempt, CancellationToken ct)
    {
        var full = (authorization.Wildcard ? "*." : "") + authorization.Identifier.Value;
        var name = names.FirstOrDefault(n => n.Value == full) ?? throw AcmeProblems.BadAnswer(authorization.Url!, "an authorization for a name that was not asked for").AsException();
        if (authorization.Status is not ("pending" or "valid"))
        {
            var failed = authorization.Challenges.FirstOrDefault(c => c.Error is not null);
            throw AcmeProblems.ChallengeFailed(full, failed?.Type ?? "any challenge", failed?.Error).AsException();
        }

        var open = authorization.Status == "pending";
        var ways = (from solver in solvers
                    from challenge in authorization.Challenges
                    where challenge.Type == solver.Type && solver.CanSolve(name) && challenge.Status is "pending" or "processing" or "valid"
                    where open || challenge.Status == "valid"
                    select (Solver: solver, Challenge: challenge)).ToList();
        if (ways.Count == 0)
        {
            return open ? throw NoWay(full, authorization) : [];
        }

        var (chosen, found) = ways.Find(w => w.Challenge.Status == "processing") is { Solver: not null } begun ? begun : ways[attempt % ways.Count];
        if (found.Token is not { } token || !Token().IsMatch(token))
        {
            throw AcmeProblems.BadAnswer(found.Url, "a challenge without a token").AsException();
        }

        var answer = new ChallengeAnswer(HostName.Parse(authorization.Identifier.Value), token, await client.KeyAuthorizationAsync(token, ct));
        return [new(authorization.Url!, full, chosen, found, answer, open)];
    }

    private async Task PresentAsync(List<Proof> proofs, CancellationToken ct)
    {
        foreach (var proof in proofs)
        {
            await proof.Solver.PresentAsync(proof.Answer, ct);
        }

        var settle = proofs.Select(p => p.Solver.SettleFor(p.Answer.Name)).DefaultIfEmpty().Max();
        if (settle > TimeSpan.Zero)
        {
            await Task.Delay(settle, time, ct);
        }
    }

    private async Task AwaitAsync(Proof proof, Patience patience, CancellationToken ct)
    {
        while (true)
        {
            var authorization = await client.AuthorizationAsync(proof.Authorization, ct);
            if (authorization.Status == "valid")
            {
                return;
            }

            if (authorization.Status != "pending")
            {
                throw AcmeProblems.ChallengeFailed(proof.Name, proof.Challenge.Type, authorization.Challenges.FirstOrDefault(c => c.Error is not null)?.Error).AsException();
            }

            await patience.PauseAsync(authorization.RetryAfter, $"The validation of {proof.Name}", ct);
        }
    }

    /// <summary>Pending authorizations of an order that has failed would count against the account's limit.</summary>
    private async Task GiveUpAsync(List<Proof> proofs, CancellationToken ct)
    {
        foreach (var proof in proofs)
        {
            try
            {
                if ((await client.AuthorizationAsync(proof.Authorization, ct)).Status == "pending")
                {
                    await client.DeactivateAsync(proof.Authorization, ct);
                }
            }
            catch (ProblemException e)
            {
                LogNotGivenUp(proof.Name, e.Problem.Code, e.Problem.Message);
            }
        }
    }

    private async Task TidyAsync(List<Proof> proofs)
    {
        using var limit = new CancellationTokenSource(TidyWithin, time); // not the caller's token: a cancelled attempt tidies too
        foreach (var proof in proofs)
        {
            try
            {
                await proof.Solver.RemoveAsync(proof.Answer, limit.Token);
            }
            catch (Exception e) when (e is ProblemException or OperationCanceledException)
            {
                LogNotTidied(proof.Name, proof.Challenge.Type, e.Message);
            }
        }
    }

    private static ProblemException NoWay(string name, Authorization authorization) => new Problem(
        "acme/no-challenge",
        $"{name} cannot be validated: the authority offers {string.Join(", ", authorization.Challenges.Select(c => c.Type).Distinct().Take(5))}.",
        "A wildcard needs a DNS provider for its zone; other names need ports 80 or 443, or a DNS provider.").AsException();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,500}\z")]
    private static partial Regex Token();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Challenge} answer for {Name} was not taken away: {Reason}")]
    private partial void LogNotTidied(string name, string challenge, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The authorization for {Name} was not given up ({Code}): {Reason}")]
    private partial void LogNotGivenUp(string name, string code, string reason);

    private sealed record Proof(Uri Authorization, string Name, IChallengeSolver Solver, Challenge Challenge, ChallengeAnswer Answer, bool IsOpen);
}
