using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Files;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Certificates;

/// <summary>Uploaded certificates: a file for each, with key and chain, for its owner only. What cannot be read is told and left alone; the others are served.</summary>
internal sealed partial class CertificateFolder
{
    private const string Extension = ".pem";

    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    private readonly Lock _writer = new();
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateFolder> _logger;
    private readonly Dictionary<string, string> _unreadable = new(StringComparer.Ordinal);
    private volatile CertificateIndex _index = new([]);

    /// <summary>Reads the folder; it is made when it is missing.</summary>
    public CertificateFolder(string folder, TimeProvider time, ILogger<CertificateFolder> logger)
    {
        (_folder, _time, _logger) = (folder, time, logger);
        PrivateFile.EnsureFolder(folder);
        _index = new([.. Directory.GetFiles(folder, "*" + Extension).Order(StringComparer.Ordinal).Select(Load).OfType<ServedCertificate>()]);
    }

    /// <summary>The certificate for a host, or <see langword="null"/>.</summary>
    public ServedCertificate? Find(string host) => _index.Find(host);

    /// <summary>Those that are served.</summary>
    public IReadOnlyList<ServedCertificate> All => [.. _index.All];

    /// <summary>Key and chain as they were uploaded; <see langword="null"/> when they cannot be read now.</summary>
    public string? Pem(string name)
    {
        try
        {
            return File.ReadAllText(PathOf(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>All, with what is wrong with them.</summary>
    public IReadOnlyList<CertificateState> GetStates()
    {
        lock (_writer)
        {
            var now = _time.GetUtcNow();
            return
            [
                .. from c in _index.All select StateOf(c, now),
                .. from u in _unreadable select new CertificateState(u.Key, [], "", default, default, u.Value, Automatic: false, CertificateCondition.Unusable),
            ];
        }
    }

    /// <summary>Checks, keeps and serves it, in place of one of the same name. Handshakes from now on get it; what is connected stays.</summary>
    /// <exception cref="ProblemException"><c>certificate/…</c>; what was served before is served on.</exception>
    public CertificateState Put(string name, UploadCertificate upload)
    {
        CheckName(name);
        var certificate = CertificateReader.Read(name, upload.Chain, upload.Key);
        CertificateReader.CheckTime(certificate, _time.GetUtcNow());
        lock (_writer)
        {
            PrivateFile.Write(PathOf(name), $"{upload.Key.Trim()}\n{upload.Chain.Trim()}\n", StateFile.NotSaved);
            _unreadable.Remove(name);
            _index = new([.. _index.All.Where(c => c.Name != name), certificate]);
        }

        LogServed(name, certificate.Hosts, certificate.NotAfter);
        return StateOf(certificate, _time.GetUtcNow());
    }

    /// <summary>Takes it away. One that is not there counts as removed.</summary>
    /// <exception cref="ProblemException"><c>certificate/name</c>.</exception>
    public void Remove(string name)
    {
        CheckName(name);
        lock (_writer)
        {
            File.Delete(PathOf(name));
            FolderSync.Flush(_folder);
            _unreadable.Remove(name);
            _index = new([.. _index.All.Where(c => c.Name != name)]);
        }
    }

    private static CertificateState StateOf(ServedCertificate c, DateTimeOffset now)
    {
        var (condition, problem) = c.NotAfter <= now ? (CertificateCondition.Expired, "it has expired")
            : c.NotBefore > now ? (CertificateCondition.Unusable, "it is not good yet")
            : c.NotAfter - now < Soon ? (CertificateCondition.Expiring, "it expires within 14 days")
            : (CertificateCondition.Good, null);
        return new(c.Name, c.Hosts, c.Leaf.Issuer, c.NotBefore, c.NotAfter, problem, Automatic: false, condition);
    }

    private static void CheckName(string name)
    {
        if (!NameShape().IsMatch(name))
        {
            throw new Problem("certificate/name", $"{Problem.Quoted(name)} is not a name for a certificate.", "Use lower-case letters, digits, . and -, for instance example.com.").AsException();
        }
    }

    private ServedCertificate? Load(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        try
        {
            if (PrivateFile.ShutOthersOut(path))
            {
                LogOpenToOthers(path);
            }

            var text = File.ReadAllText(path);
            return CertificateReader.Read(name, text, text);
        }
        catch (Exception e) when (e is ProblemException or IOException or UnauthorizedAccessException)
        {
            LogUnreadable(path, e.Message);
            _unreadable[name] = e.Message;
            return null;
        }
    }

    private string PathOf(string name) => Path.Combine(_folder, name + Extension);

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?\z")]
    private static partial Regex NameShape();

    [LoggerMessage(Level = LogLevel.Information, Message = "Certificate {Name} is served for {Hosts} until {NotAfter}")]
    private partial void LogServed(string name, IReadOnlyList<string> hosts, DateTimeOffset notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} holds a private key and was open to others; it is for its owner only now. Have the certificate made anew if somebody may have read it")]
    private partial void LogOpenToOthers(string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} is not served: {Reason}")]
    private partial void LogUnreadable(string path, string reason);
}
