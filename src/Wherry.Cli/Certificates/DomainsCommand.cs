using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Certificates;

/// <summary><c>wherry domains</c>: every host of every service, and the certificate that it is served with.</summary>
internal static class DomainsCommand
{
    public static Command Build(Verbs verbs) =>
        verbs.On(new Verb("domains", "Lists every host of every service, with its certificate and what is wrong with it", "wherry domains", "wherry domains -p shop --json"), async (call, ct) =>
        {
            var domains = (await call.Client.DomainsAsync(ct))
                .Where(d => (call.NamedProject ?? d.Project) == d.Project && (call.NamedEnvironment ?? d.Environment) == d.Environment)
                .ToList();
            call.Print(domains, ClientJson.Default.IReadOnlyListDomain, o => Write(o, domains, call.World.Time.GetUtcNow()));
            return Exit.Ok;
        });

    internal static void Write(TextWriter output, IReadOnlyList<Domain> domains, DateTimeOffset now)
    {
        if (domains.Count == 0)
        {
            output.WriteLine("no host yet: give a service `routes` under `x-wherry`");
            return;
        }

        var table = new Table("HOST", "SERVICE", "HTTPS", "CERTIFICATE", "EXPIRES", "PROBLEM");
        foreach (var domain in domains)
        {
            table.Add(domain.Host, $"{domain.Project}/{domain.Environment}/{domain.Service}", domain.Tls ?? "no", domain.Certificate ?? "-", domain.Certificate == "internal" && domain.NotAfter is null ? "renewed by itself" : CertificatesCommand.Expires(domain.NotAfter, now), CertificatesCommand.Wrong(domain.Problem, domain.NextAttempt, now));
        }

        table.Write(output);
    }
}
