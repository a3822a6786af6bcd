using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Edge.Acme.Solving;

namespace Wherry.Edge.Acme.Orders;

/// <summary>How far the authority is with looking at answers.</summary>
/// <param name="Way">Which of the ways that are open for a name is taken: each attempt the next, until the authority was told to look.</param>
/// <param name="IsTold">It was told before; telling it again would make it look again, also after the answers are gone.</param>
/// <param name="Told">Called once it is told.</param>
internal sealed record Look(int Way, bool IsTold, Action Told);

/// <summary>Proves the names of an order: presents all answers, lets the authority look, takes them away again.</summary>
internal sealed partial class Validation(AcmeClient client, IReadOnlyList<IChallengeSolver> solvers, TimeProvider time, ILogger<Validation> logger)
{
    /// <remarks>While the authority may still look, the answers stay where they are: also when this attempt ends before it has. The next one takes them away.</remarks>
    /// <exception cref="ProblemException"><c>acme/challenge-failed</c>, or a provider's or the authority's refusal.</exception>
    public async Task ProveAsync(AcmeOrder order, CertificateNames names, Look look, Patience patience, CancellationToken ct)
    {
        var proofs = new List<Proof>();
        try
        {
            foreach (var url in order.Authorizations)
            {
                var authorization = await client.AuthorizationAsync(url, ct);
                if (authorization.Status != "valid")
                {
                    proofs.Add(await ChooseAsync(authorization, NameOf(authorization, names), look.Way, ct));
                }
            }

            await PresentAsync(proofs, ct);
            await TellAsync(proofs, look, ct);
            foreach (var proof in proofs)
            {
                await AwaitAsync(proof, patience, ct);
            }

            await TidyAsync(proofs, ct);
        }
        catch (ProblemException e) when (AcmeProblems.EndsOrder(e.Problem))
        {
            await GiveUpAsync(proofs, ct);
            await TidyAsync(proofs, ct);
            throw;
        }
    }

    /// <summary>Takes away what earlier attempts at an order may have left.</summary>
    public async Task TidyAsync(AcmeOrder order, CertificateNames names, CancellationToken ct)
    {
        var left = new List<Proof>();
        foreach (var authorization in await Task.WhenAll(order.Authorizations.Select(url => client.AuthorizationAsync(url, ct))))
        {
            var name = NameOf(authorization, names);
            foreach (var (solver, challenge) in Ways(authorization, name))
            {
                left.Add(await ProofAsync(authorization, name, solver, challenge, ct));
            }
        }

        await TidyAsync(left, ct);
    }

    private async Task<Proof> ChooseAsync(Authorization authorization, HostName name, int way, CancellationToken ct)
    {
        if (authorization.Status != "pending")
        {
            throw Failure(name.Value, authorization);
        }

        var ways = Ways(authorization, name);
        if (ways.Count == 0)
        {
            throw NoWay(name, authorization);
        }

        var (solver, challenge) = ways.Find(w => w.Challenge.Status == "processing") is { Solver: not null } begun ? begun : ways[way % ways.Count];
        return await ProofAsync(authorization, name, solver, challenge, ct);
    }

    private async Task<Proof> ProofAsync(Authorization authorization, HostName name, IChallengeSolver solver, Challenge challenge, CancellationToken ct)
    {
        if (challenge.Token is not { } token || !Token().IsMatch(token))
        {
            throw AcmeProblems.BadAnswer(challenge.Url, "a challenge without a token").AsException();
        }

        var answer = new ChallengeAnswer(HostName.Parse(authorization.Identifier.Value), token, await client.KeyAuthorizationAsync(token, ct));
        return new(authorization.Url!, name.Value, solver, challenge, answer);
    }

    private List<(IChallengeSolver Solver, Challenge Challenge)> Ways(Authorization authorization, HostName name) =>
    [
        .. from solver in solvers
           where solver.CanSolve(name)
           from challenge in authorization.Challenges
           where challenge.Type == solver.Type
           select (solver, challenge),
    ];

    private static HostName NameOf(Authorization authorization, CertificateNames names)
    {
        var full = (authorization.Wildcard ? "*." : "") + authorization.Identifier.Value;
        return names.FirstOrDefault(n => n.Value == full) ?? throw AcmeProblems.BadAnswer(authorization.Url!, "an authorization for a name that was not asked for").AsException();
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

    private async Task TellAsync(List<Proof> proofs, Look look, CancellationToken ct)
    {
        if (look.IsTold)
        {
            return;
        }

        foreach (var proof in proofs.Where(p => p.Challenge.Status == "pending"))
        {
            await client.TriggerAsync(proof.Challenge, ct);
        }

        look.Told();
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
                throw Failure(proof.Name, authorization);
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

    private async Task TidyAsync(List<Proof> proofs, CancellationToken ct)
    {
        foreach (var proof in proofs)
        {
            try
            {
                await proof.Solver.RemoveAsync(proof.Answer, ct);
            }
            catch (ProblemException e)
            {
                LogNotTidied(proof.Name, proof.Challenge.Type, e.Message);
            }
        }
    }

    private static ProblemException Failure(string name, Authorization authorization)
    {
        var failed = authorization.Challenges.FirstOrDefault(c => c.Error is not null);
        return AcmeProblems.ChallengeFailed(name, failed?.Type ?? "any challenge", failed?.Error).AsException();
    }

    private static ProblemException NoWay(HostName name, Authorization authorization) => new Problem(
        "acme/no-challenge",
        $"{name} cannot be validated: the authority offers {string.Join(", ", authorization.Challenges.Select(c => c.Type).Distinct().Take(5))}.",
        "A wildcard needs a DNS provider for its zone; other names need ports 80 or 443, or a DNS provider.").AsException();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,500}\z")]
    private static partial Regex Token();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Challenge} answer for {Name} was not taken away: {Reason}")]
    private partial void LogNotTidied(string name, string challenge, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The authorization for {Name} was not given up ({Code}): {Reason}")]
    private partial void LogNotGivenUp(string name, string code, string reason);

    private sealed record Proof(Uri Authorization, string Name, IChallengeSolver Solver, Challenge Challenge, ChallengeAnswer Answer);
}
