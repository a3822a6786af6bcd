using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wherry.Cli.Frame;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Certificates;

/// <summary><c>wherry trust</c>: the root of the edge's own authority, for whoever is to accept what it signs.</summary>
internal static class TrustCommand
{
    public static Command Build(Verbs verbs)
    {
        var install = new Option<bool>("--install") { Description = "Put it into this machine's store (Debian's /usr/local/share/ca-certificates); needs root" };
        var remove = new Option<bool>("--remove") { Description = "Take it out of this machine's store" };
        var verb = new Verb("trust", "Prints the root of the edge's own certificate authority, or puts it into this machine's store", "wherry trust > root.pem", "sudo wherry trust --install", "sudo wherry trust --remove") { install, remove };
        verb.Validators.Add(result =>
        {
            if (result.GetValue(install) && result.GetValue(remove))
            {
                result.AddError("--install and --remove exclude each other.");
            }
        });
        return verbs.On(verb, async (call, ct) =>
        {
            var authority = await call.Client.AuthorityAsync(ct);
            if (!call.Get(install) && !call.Get(remove))
            {
                call.Print(authority, ClientJson.Default.Authority, o => o.Write(authority.Pem));
                return Exit.Ok;
            }

            using var root = Read(authority.Pem);
            if (call.Get(remove))
            {
                call.Note(await TrustStore.Debian.RemoveAsync(root, ct) ? $"{root.Subject} is not trusted by this machine any more" : $"{root.Subject} was not in this machine's store");
                return Exit.Ok;
            }

            var added = await TrustStore.Debian.AddAsync(root, ct);
            call.Note($"{root.Subject} {(added ? "is trusted by this machine now" : "was trusted by this machine already")} (SHA-256 {root.GetCertHashString(HashAlgorithmName.SHA256)})");
            call.Note("browsers with a store of their own (Firefox, Chrome) import what `wherry trust` prints");
            return Exit.Ok;
        });
    }

    /// <summary>One certificate of an authority, and nothing else that came with it.</summary>
    internal static X509Certificate2 Read(string pem)
    {
        try
        {
            var root = X509Certificate2.CreateFromPem(pem);
            if (root.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority))
            {
                return root;
            }

            root.Dispose();
        }
        catch (CryptographicException)
        {
            // Said below.
        }

        throw new Problem("trust/not-a-root", "What the server answered is not the certificate of an authority.", "Compare `wherry version`: client and server may be of different versions.").AsException();
    }
}
