using System.Text.Json;
using System.Text.RegularExpressions;
using Wherry.Core.Problems;
using Wherry.Edge.Files;

namespace Wherry.Edge.Acme;

/// <summary>The edge's <c>acme.json</c>, for who sets an edge up.</summary>
public static partial class AcmeFile
{
    /// <summary>Says who asks for certificates and whom, and agrees to the authority's terms. What else stands in the file stays.</summary>
    /// <param name="edgeHome">Folder of the edge.</param>
    /// <param name="email">Where the authority may write to; <see langword="null"/>: who is known already.</param>
    /// <param name="directory">Of the authority, or its name; <see langword="null"/>: the one that is known already, else Let's Encrypt.</param>
    /// <returns>Who and whom it is now, and whether that is new.</returns>
    /// <exception cref="ProblemException"><c>acme/email</c>, <c>acme/settings</c>, <c>acme/not-saved</c>.</exception>
    public static (string Email, Uri Directory, bool IsNew) Keep(string edgeHome, string? email, string? directory)
    {
        if (email is not null && (!MailShape().IsMatch(email) || email.Length > 254))
        {
            throw new Problem("acme/email", $"{Problem.Quoted(email)} is not a mail address.", "Write it as you@example.com.").AsException();
        }

        var path = Path.Combine(edgeHome, "acme.json");
        var url = directory is null ? null : AcmeDirectories.Find(directory) ?? throw AcmeSettings.Wrong(path, $"{Problem.Quoted(directory)} is no https address, and not {AcmeDirectories.LetsEncrypt} or {AcmeDirectories.LetsEncryptStaging}");
        var before = AcmeSettings.Find(path);
        if ((email ?? (before is { AgreesToTerms: true, Email: [var known, ..] } ? known : null)) is not { } who)
        {
            throw new Problem("acme/email", "An authority is named, and nobody for it to write to.", "Add --acme-email you@example.com.").AsException();
        }

        var now = (before ?? new()) with { Email = email is null ? before!.Email : [email], AgreesToTerms = true, Directory = url ?? before?.Directory };
        var isNew = before is not { AgreesToTerms: true } || !(before.Email ?? []).SequenceEqual(now.Email!) || before.Directory != now.Directory;
        if (isNew)
        {
            PrivateFile.Write(path, JsonSerializer.Serialize(now, AcmeSettingsJson.Default.AcmeSettings) + "\n", AcmeProblems.NotSaved);
        }

        return (who, now.Directory is null ? AcmeOptions.LetsEncrypt : AcmeDirectories.Find(now.Directory.OriginalString) ?? now.Directory, isNew);
    }

    [GeneratedRegex(@"\A[!#-'*+/-9=?A-Z^-~.-]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z]{2,63}\z")]
    private static partial Regex MailShape();
}
