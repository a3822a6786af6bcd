using System.CommandLine;
using System.Globalization;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Cli.Variables;
using Wherry.Client;

namespace Wherry.Cli.Certificates;

/// <summary><c>wherry certificates list|add|remove|roll-key</c>.</summary>
internal static class CertificatesCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("certificates", "Lists, adds and removes certificates; rolls the account's key", "wherry certificates list", "wherry certificates add example.com --chain fullchain.pem --key privkey.pem", "wherry certificates remove example.com", "wherry certificates roll-key"),
        BuildList(verbs),
        [BuildAdd(verbs), BuildRemove(verbs), BuildRollKey(verbs)]);

    private static Command BuildList(Verbs verbs) => verbs.On(new Verb("list", "Lists certificates: uploaded ones, and those that an authority signed"), async (call, ct) =>
    {
        var certificates = await call.Client.CertificatesAsync(ct);
        call.Print(certificates, ClientJson.Default.IReadOnlyListCertificate, o => Write(o, certificates, call.World.Time.GetUtcNow()));
        return Exit.Ok;
    });

    private static Command BuildAdd(Verbs verbs)
    {
        var name = new Argument<string>("name") { Description = "Name to keep it under; one of the same name is replaced" };
        var chain = new Option<string>("--chain") { Description = "PEM file: the certificate, then its intermediates", HelpName = "FILE", Required = true };
        var key = new Option<string>("--key") { Description = "PEM file: its private key, not encrypted; - is standard input", HelpName = "FILE", Required = true };
        return verbs.On(new Verb("add", "Checks a certificate and serves it, without a restart", "wherry certificates add example.com --chain fullchain.pem --key privkey.pem", "sops -d privkey.pem | wherry certificates add example.com --chain fullchain.pem --key -") { name, chain, key }, async (call, ct) =>
        {
            var certificate = await EnvCommand.ReadAsync(Path.GetFullPath(call.Get(chain)!, call.World.Folder), ct);
            var added = await call.Client.AddCertificateAsync(call.Get(name)!, new AddCertificate(certificate, await ReadKeyAsync(call, call.Get(key)!, ct)), ct);
            call.Print(added, ClientJson.Default.Certificate, o => o.WriteLine($"{added.Name} covers {string.Join(", ", added.Hosts)} {Until(added.NotAfter, call.World.Time.GetUtcNow())}"));
            return Exit.Ok;
        });
    }

    /// <summary>The key's text; says when others could read its file.</summary>
    private static async Task<string> ReadKeyAsync(Call call, string name, CancellationToken ct)
    {
        if (name == "-")
        {
            return await StandardInput.ReadAllAsync(call.World, ct);
        }

        var file = Path.GetFullPath(name, call.World.Folder);
        var key = await EnvCommand.ReadAsync(file, ct);
        if ((File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0)
        {
            call.Note($"{file} can be read by others: chmod 600, or remove it; the edge has its own copy");
        }

        return key;
    }

    private static Command BuildRemove(Verbs verbs)
    {
        var name = new Argument<string>("name") { Description = "Name of the certificate" };
        return verbs.On(new Verb("remove", "Removes a certificate that no host needs", "wherry certificates remove example.com") { name }, async (call, ct) =>
        {
            await call.Client.RemoveCertificateAsync(call.Get(name)!, ct);
            call.Note($"certificate {call.Get(name)} removed");
            return Exit.Ok;
        });
    }

    private static Command BuildRollKey(Verbs verbs) => verbs.On(new Verb("roll-key", "Gives the account at the public authority a new key; certificates stay as they are", "wherry certificates roll-key"), async (call, ct) =>
    {
        var account = await call.Client.RollAcmeKeyAsync(ct);
        call.Print(account, ClientJson.Default.AcmeAccount, o => o.WriteLine($"the account at {account.Directory} has a new key"));
        return Exit.Ok;
    });

    internal static void Write(TextWriter output, IReadOnlyList<Certificate> certificates, DateTimeOffset now)
    {
        if (certificates.Count == 0)
        {
            output.WriteLine("no certificate yet: `wherry certificates add`");
            return;
        }

        var table = new Table("NAME", "HOSTS", "EXPIRES", "ISSUER", "PROBLEM");
        foreach (var certificate in certificates)
        {
            table.Add(certificate.Name, certificate.Hosts.Count > 0 ? string.Join(" ", certificate.Hosts) : "-", Expires(certificate.NotAfter, now), certificate.Issuer.Length > 0 ? certificate.Issuer : "-", Wrong(certificate.Problem, certificate.NextAttempt, now));
        }

        table.Write(output);
    }

    /// <summary>The day, and how far off it is.</summary>
    internal static string Expires(DateTimeOffset? end, DateTimeOffset now) => end is { } at
        ? string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyy-MM-dd} ({(at > now ? $"in {Ago.Short(at - now)}" : "expired")})")
        : "-";

    /// <summary>What is wrong, and when it is tried again.</summary>
    internal static string Wrong(string? problem, DateTimeOffset? nextAttempt, DateTimeOffset now) =>
        problem is null ? "" : nextAttempt > now ? $"{problem} Next attempt in {Ago.Short(nextAttempt.Value - now)}" : problem;

    private static string Until(DateTimeOffset? end, DateTimeOffset now) => end is null ? "" : $"until {Expires(end, now)}";
}
