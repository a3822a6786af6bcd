using Microsoft.Extensions.Logging.Abstractions;
using Wherry.Core.Problems;
using Wherry.Edge.Certificates;
using Wherry.Edge.Foreign;
using Wherry.Edge.Pages;
using Wherry.Edge.Switching;

namespace Wherry.Edge;

/// <summary>What is done about a foreign proxy before an edge starts that drives it, and after the last one that did.</summary>
public static class EdgeProxies
{
    /// <summary>Makes sure that the proxy answers and can do all that the services of this home ask for. Changes nothing.</summary>
    /// <exception cref="ProblemException"><c>edge/proxy</c>, <c>edge/proxy-away</c>, <c>edge/proxy-refused</c>, <c>edge/unsupported</c>.</exception>
    public static async Task CheckAsync(EdgeOptions options, CancellationToken ct)
    {
        using var proxy = Open(options);
        if (proxy is null)
        {
            return;
        }

        await proxy.CheckAsync(new() { Routes = [], Targets = [] }, ct);
        foreach (var saved in new StateFile(options.StatePath, options.Time).Load())
        {
            ForeignProblems.Refuse(proxy, saved.Key, proxy.Refusals(saved.Service).Concat(proxy.Refusals(saved.Admission)));
            await proxy.CheckAsync(saved.Service, ct);
        }
    }

    /// <summary>Takes out of the proxy what edges of this home put in: nothing is served by it any more.</summary>
    /// <exception cref="ProblemException"><c>edge/proxy-away</c>, <c>edge/proxy-refused</c>.</exception>
    public static async Task LeaveAsync(EdgeOptions options, CancellationToken ct)
    {
        using var proxy = Open(options);
        await (proxy?.LeaveAsync(ct) ?? Task.CompletedTask);
    }

    /// <summary>Whether two of <see cref="EdgeOptions.Proxy"/> are one and the same proxy, told in another way at most.</summary>
    public static bool AreTheSame(string? one, string? other) => one is not null && other is not null && ForeignProxies.PlaceOf(one) == ForeignProxies.PlaceOf(other);

    private static IForeignProxy? Open(EdgeOptions options) => ForeignProxies.Open(
        options,
        new CertificateFolder(options.CertificatesPath, options.Time, NullLogger<CertificateFolder>.Instance),
        new InternalAuthority(options.AuthorityPath, options.Time, NullLogger<InternalAuthority>.Instance),
        new ErrorPages(options.ErrorPagesPath));
}
