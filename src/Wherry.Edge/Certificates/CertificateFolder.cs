using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Certificates;

/// <summary>Uploaded certificates: a file for each, with key and chain, for its owner only. What cannot be read is told and left alone; the others are served.</summary>
internal sealed partial class CertificateFolder
{
    private const string Extension = ".pem";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

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
        Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        _index = new([.. Directory.GetFiles(folder, "*" + Extension).Order(StringComparer.Ordinal).Select(Load).OfType<ServedCertificate>()]);
    }

    /// <summary>The certificate for a host, or <see langword="null"/>.</summary>
    public ServedCertificate? Find(string host) => _index.Find(host);

    /// <summary>All, with what is wrong with them.</summary>
    public IReadOnlyList<CertificateState> GetStates()
    {
        lock (_writer)
        {
            var now = _time.GetUtcNow();
            return
            [
                .. from c in _index.All select new CertificateState(c.Name, c.Hosts, c.Leaf.Issuer, c.NotBefore, c.NotAfter, ProblemOf(c, now)),
                .. from u in _unreadable select new CertificateState(u.Key, [], "", default, default, u.Value),
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
            Save(name, $"{upload.Key.Trim()}\n{upload.Chain.Trim()}\n");
            _unreadable.Remove(name);
            _index = new([.. _index.All.Where(c => c.Name != name), certificate]);
        }

        LogServed(name, certificate.Hosts, certificate.NotAfter);
        return new(name, certificate.Hosts, certificate.Leaf.Issuer, certificate.NotBefore, certificate.NotAfter, null);
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

    private static string? ProblemOf(ServedCertificate certificate, DateTimeOffset now) =>
        certificate.NotAfter <= now ? "it has expired"
        : certificate.NotBefore > now ? "it is not good yet"
        : certificate.NotAfter - now < Soon ? "it expires within 14 days"
        : null;

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
            if ((File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
            {
                LogOpenToOthers(path);
                File.SetUnixFileMode(path, OwnerOnly);
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

    private void Save(string name, string text)
    {
        var (path, next) = (PathOf(name), PathOf(name) + ".next");
        try
        {
            using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(next, path, overwrite: true);
            FolderSync.Flush(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem("edge/state-not-saved", $"The edge cannot write {path}: {e.Message}", "Check that the disk has room and that the edge may write there; nothing has changed.").AsException(e);
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
