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
    /// <param name="email">Where the authority may write to.</param>
    /// <param name="directory">Of the authority; <see langword="null"/>: the one that is known already, else Let's Encrypt.</param>
    /// <returns>Whether that is new.</returns>
    /// <exception cref="ProblemException"><c>acme/email</c>, <c>acme/settings</c>, <c>acme/not-saved</c>.</exception>
    public static bool Keep(string edgeHome, string email, string? directory)
    {
        if (!MailShape().IsMatch(email) || email.Length > 254)
        {
            throw new Problem("acme/email", $"{Problem.Quoted(email)} is not a mail address.", "Write it as you@example.com.").AsException();
        }

        var path = Path.Combine(edgeHome, "acme.json");
        if (directory is not null && !(Uri.TryCreate(directory, UriKind.Absolute, out var url) && url.Scheme == "https"))
        {
            throw AcmeSettings.Wrong(path, $"{Problem.Quoted(directory)} is not an https address");
        }

        var before = AcmeSettings.Find(path);
        var now = (before ?? new()) with { Email = [email], AgreesToTerms = true, Directory = directory is null ? before?.Directory : new Uri(directory) };
        if (before is { AgreesToTerms: true, Email: [var known] } && known == email && before.Directory == now.Directory)
        {
            return false;
        }

        PrivateFile.Write(path, JsonSerializer.Serialize(now, AcmeSettingsJson.Default.AcmeSettings) + "\n", AcmeProblems.NotSaved);
        return true;
    }

    [GeneratedRegex(@"\A[!#-'*+/-9=?A-Z^-~.-]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z]{2,63}\z")]
    private static partial Regex MailShape();
}
