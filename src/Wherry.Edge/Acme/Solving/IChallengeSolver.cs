using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Edge.Acme.Solving;

/// <summary>What the authority wants to find for a name.</summary>
/// <param name="Name">Without the <c>*.</c> of a wildcard.</param>
internal sealed record ChallengeAnswer(HostName Name, string Token, string KeyAuthorization)
{
    public byte[] Digest { get; } = SHA256.HashData(Encoding.ASCII.GetBytes(KeyAuthorization));

    /// <summary>As a TXT record holds it.</summary>
    public string DnsValue => Base64Url.EncodeToString(Digest);
}

/// <summary>One way to prove that a name is ours.</summary>
internal interface IChallengeSolver
{
    /// <summary>As the authority calls it: <c>http-01</c>, <c>tls-alpn-01</c>, <c>dns-01</c>.</summary>
    string Type { get; }

    /// <summary>Whether this way is open for a name, which may be a wildcard.</summary>
    bool CanSolve(HostName name);

    /// <summary>Puts the answer where the authority looks. Idempotent.</summary>
    /// <exception cref="ProblemException">A provider refused.</exception>
    Task PresentAsync(ChallengeAnswer answer, CancellationToken ct);

    /// <summary>Pause between presenting and being seen everywhere.</summary>
    TimeSpan SettleFor(HostName name) => TimeSpan.Zero;

    /// <summary>Takes the answer away. Idempotent.</summary>
    /// <exception cref="ProblemException">A provider refused.</exception>
    Task RemoveAsync(ChallengeAnswer answer, CancellationToken ct);
}
