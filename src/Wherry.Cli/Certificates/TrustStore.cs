using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wherry.Core.Problems;

namespace Wherry.Cli.Certificates;

/// <summary>Authorities that programs of this machine trust.</summary>
/// <param name="folder">Where an owner's own ones stand.</param>
/// <param name="arguments">For <c>update-ca-certificates</c>.</param>
internal sealed class TrustStore(string folder, params IReadOnlyList<string> arguments)
{
    private const string Elsewhere = "Save what `wherry trust` prints, and import it with the system's own program (`update-ca-trust`, `trust anchor`).";

    /// <summary>As Debian and its descendants have it.</summary>
    public static TrustStore Debian { get; } = new("/usr/local/share/ca-certificates");

    /// <returns>False when it was there already.</returns>
    /// <exception cref="ProblemException"><c>trust/unsupported</c>, <c>trust/denied</c>, <c>trust/failed</c>.</exception>
    public async Task<bool> AddAsync(X509Certificate2 root, CancellationToken ct)
    {
        if (!Directory.Exists(folder))
        {
            throw new Problem("trust/unsupported", $"There is no {folder}: this machine keeps its authorities elsewhere.", Elsewhere).AsException();
        }

        var (file, text) = (FileOf(root), root.ExportCertificatePem() + "\n");
        if (File.Exists(file) && await File.ReadAllTextAsync(file, ct) == text)
        {
            return false;
        }

        Change(() =>
        {
            File.WriteAllText(file, text);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        });
        await UpdateAsync(ct);
        return true;
    }

    /// <returns>False when it was not there.</returns>
    /// <inheritdoc cref="AddAsync" path="/exception"/>
    public async Task<bool> RemoveAsync(X509Certificate2 root, CancellationToken ct)
    {
        var file = FileOf(root);
        if (!File.Exists(file))
        {
            return false;
        }

        Change(() => File.Delete(file));
        await UpdateAsync(ct);
        return true;
    }

    private string FileOf(X509Certificate2 root) => Path.Combine(folder, $"wherry-{root.GetCertHashString(HashAlgorithmName.SHA256)[..16].ToLowerInvariant()}.crt");

    private void Change(Action change)
    {
        try
        {
            change();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem("trust/denied", $"{folder} cannot be changed: {e.Message}", "Run it with sudo.").AsException(e);
        }
    }

    private async Task UpdateAsync(CancellationToken ct)
    {
        try
        {
            using var update = Process.Start(new ProcessStartInfo("update-ca-certificates", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = update.StandardOutput.ReadToEndAsync(ct);
            var said = await update.StandardError.ReadToEndAsync(ct);
            await output;
            await update.WaitForExitAsync(ct);
            if (update.ExitCode != 0)
            {
                throw new Problem("trust/failed", $"update-ca-certificates failed: {said.Trim()}", "Mend what it complains about and run it again; the root stands in its folder.").AsException();
            }
        }
        catch (Win32Exception e)
        {
            throw new Problem("trust/unsupported", $"The program update-ca-certificates cannot be started: {e.Message}", $"Install it: apt-get install ca-certificates. {Elsewhere}").AsException(e);
        }
    }
}
