using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Acme.Orders;

namespace Wherry.Edge.Certificates;

/// <summary>One host that a public authority signs for, and what is known of its certificate. Its owner's lock guards it.</summary>
/// <param name="onDemand">Nobody listed it: a visitor asked for it.</param>
internal sealed class KeptCertificate(HostName host, bool onDemand)
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IssuedCertificate? _issued;
    private (Problem Problem, DateTimeOffset? NextAttempt)? _failure;

    public bool OnDemand => onDemand;

    /// <summary>Ends with the first certificate or the first failure.</summary>
    public Task First => _first.Task;

    /// <summary>When it is tried again after a failure.</summary>
    public DateTimeOffset? NextAttempt => _failure?.NextAttempt;

    public CancellationTokenSource Stop { get; } = new();

    public Task Work { get; set; } = Task.CompletedTask;

    public ServedCertificate? Served { get; private set; }

    /// <summary>Nobody asks for the host any more; who waits for its certificate waits in vain.</summary>
    public void GiveUp()
    {
        Stop.Cancel();
        _first.TrySetResult();
    }

    /// <summary>What the file of an earlier run holds.</summary>
    public void Take(SavedCertificate saved)
    {
        if (saved.Certificate is { } certificate)
        {
            Take(new CertificateNews.Ready(certificate));
        }

        _failure = saved.LastProblem is { } problem ? (problem, saved.NextAttempt) : _failure;
    }

    /// <summary>The certificate from before serves on until there is another.</summary>
    public void Take(CertificateNews news)
    {
        switch (news)
        {
            case CertificateNews.Failed failed:
                Fail(failed.Problem, failed.NextAttempt);
                break;
            case CertificateNews.Ready ready when ready.Certificate != _issued: // else it is the one that was read at the start
                try
                {
                    Served = CertificateReader.Read(host.Value, ready.Certificate.Chain, ready.Certificate.Key);
                    (_issued, _failure) = (ready.Certificate, null);
                    _first.TrySetResult();
                }
                catch (ProblemException e)
                {
                    Fail(e.Problem, null);
                }

                break;
        }
    }

    public void Fail(Problem problem, DateTimeOffset? nextAttempt)
    {
        _failure = (problem, nextAttempt);
        _first.TrySetResult();
    }

    public CertificateState ToState(DateTimeOffset now)
    {
        var why = _failure is { } failure ? $"{failure.Problem.Message} {failure.Problem.Hint}" : null;
        var hasExpired = Served?.NotAfter <= now;
        return new(
            host.Value,
            [host.Value],
            Served?.Leaf.Issuer ?? "",
            Served?.NotBefore ?? default,
            Served?.NotAfter ?? default,
            hasExpired ? $"it has expired; {why ?? "another one is being obtained"}" : why ?? (Served is null ? "it is being obtained" : null),
            Automatic: true,
            hasExpired ? CertificateCondition.Expired : why is not null ? CertificateCondition.Failing : Served is null ? CertificateCondition.Pending : CertificateCondition.Good,
            _failure?.NextAttempt > now ? _failure?.NextAttempt : null);
    }
}
