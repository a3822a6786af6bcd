using Wherry.Core.Problems;
using Wherry.Edge.Files;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>The folder that Traefik watches: one file with the configuration, at any moment the old or the new one, whole; and beside it files with certificates, which never change under their names.</summary>
/// <remarks>Files are for their owner and the folder's group (mode 0640), which a folder with the set-group-ID bit hands on.</remarks>
internal sealed class TraefikFolder(string folder)
{
    private const UnixFileMode ForGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>Traefik reads only <c>.yml</c>, <c>.yaml</c> and <c>.toml</c>: not the next one while it is written.</summary>
    private string ConfigurationPath => Path.Combine(folder, "wherry.yml");

    /// <summary>Where a certificate is kept. Traefik reads such files only where the configuration names them.</summary>
    public string PathOf(string certificate) => Path.Combine(folder, $"wherry-{certificate}.pem");

    /// <summary>Makes the folder hold exactly this. What other files are there is not ours.</summary>
    /// <param name="configuration">What Traefik shall read.</param>
    /// <param name="certificates">Their texts, by name; asked for where one is missing.</param>
    /// <returns>False when it held this already.</returns>
    /// <exception cref="ProblemException"><c>edge/traefik-folder</c>; the old configuration is untouched.</exception>
    public bool Write(string configuration, IReadOnlyDictionary<string, Func<string>> certificates)
    {
        try
        {
            EnsureIsThere();
            WriteCertificates(certificates);
            if (File.Exists(ConfigurationPath) && File.ReadAllText(ConfigurationPath) == configuration)
            {
                Forget(certificates.Keys); // a while after the configuration that named them
                return false;
            }

            WholeFile.Write(ConfigurationPath, configuration, ForGroup);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(e.Message).AsException(e);
        }
    }

    /// <returns>The configuration that is there; <see langword="null"/>: none.</returns>
    /// <exception cref="ProblemException"><c>edge/traefik-folder</c>.</exception>
    public string? Read()
    {
        try
        {
            return File.Exists(ConfigurationPath) ? File.ReadAllText(ConfigurationPath) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(e.Message).AsException(e);
        }
    }

    /// <summary>The configuration from before, whose certificates are still there; where it cannot be written, what is there stays.</summary>
    public void PutBack(string configuration)
    {
        try
        {
            WholeFile.Write(ConfigurationPath, configuration, ForGroup);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next look tells, and tries again.
        }
    }

    /// <summary>Takes away what was written; Traefik then serves nothing of it.</summary>
    /// <exception cref="ProblemException"><c>edge/traefik-folder</c>.</exception>
    public void Clear()
    {
        try
        {
            if (Directory.Exists(folder))
            {
                File.Delete(ConfigurationPath);
                Forget([]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(e.Message).AsException(e);
        }
    }

    /// <exception cref="ProblemException"><c>edge/traefik-folder</c>.</exception>
    public void EnsureIsThere()
    {
        if (!Directory.Exists(folder))
        {
            throw Wrong("it is not there").AsException();
        }
    }

    private void WriteCertificates(IReadOnlyDictionary<string, Func<string>> certificates)
    {
        foreach (var (name, text) in certificates)
        {
            if (!File.Exists(PathOf(name)))
            {
                WholeFile.Write(PathOf(name), text(), ForGroup);
            }
        }
    }

    private void Forget(IEnumerable<string> kept)
    {
        foreach (var path in Directory.GetFiles(folder, "wherry-*.pem").Except(kept.Select(PathOf)))
        {
            File.Delete(path);
        }
    }

    private Problem Wrong(string why) => new(
        "edge/traefik-folder",
        $"{folder}, which Traefik shall read, cannot be written: {why}.",
        "See that it is there, that the edge may write in it and that the disk has room, and that Traefik watches it (providers.file.directory). It serves on as before.");
}
