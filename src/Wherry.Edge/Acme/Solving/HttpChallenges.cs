using System.Collections.Concurrent;
using Wherry.Core.Model;

namespace Wherry.Edge.Acme.Solving;

/// <summary>HTTP-01: the table that the proxy asks on port 80, before redirects and routes.</summary>
internal sealed class HttpChallenges : IChallengeSolver
{
    /// <summary>What stands before the token in the request's path.</summary>
    public const string PathPrefix = "/.well-known/acme-challenge/";

    private readonly ConcurrentDictionary<(string Host, string Token), string> _answers = new();

    public string Type => "http-01";

    /// <summary>The body to answer with, as <c>text/plain</c>; null when nothing of that name is being validated.</summary>
    /// <param name="host">Of the request, without its port.</param>
    public string? Find(string host, string token) => _answers.GetValueOrDefault((host.ToLowerInvariant(), token));

    public bool CanSolve(HostName name) => !name.IsWildcard;

    public Task PresentAsync(ChallengeAnswer answer, CancellationToken ct)
    {
        _answers[(answer.Name.Value, answer.Token)] = answer.KeyAuthorization;
        return Task.CompletedTask;
    }

    public Task RemoveAsync(ChallengeAnswer answer, CancellationToken ct)
    {
        _answers.TryRemove((answer.Name.Value, answer.Token), out _);
        return Task.CompletedTask;
    }
}
