using System.Collections;
using System.Security.Cryptography;
using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Edge.Acme;

/// <summary>The names of one certificate: distinct, in order, between one and a hundred.</summary>
internal sealed class CertificateNames : IReadOnlyList<HostName>, IEquatable<CertificateNames>
{
    private const int Most = 100;

    private readonly HostName[] _names;

    /// <exception cref="ProblemException"><c>acme/names</c>.</exception>
    public CertificateNames(params IEnumerable<HostName> names)
    {
        _names = [.. names.Distinct().OrderBy(n => n.Value, StringComparer.Ordinal)];
        if (_names.Length is 0 or > Most)
        {
            throw new Problem("acme/names", $"A certificate has between 1 and {Most} names, not {_names.Length}.", "Spread the names over several certificates.").AsException();
        }
    }

    public int Count => _names.Length;

    /// <summary>Names the files of this certificate. Shortened, as a name may be as long as a file's; the hash keeps them apart.</summary>
    public string FileName
    {
        get
        {
            var first = _names[0].Value.Replace('*', '_');
            return $"{(first.Length > 100 ? first[..100] : first)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(ToString())))[..12]}";
        }
    }

    public HostName this[int index] => _names[index];

    public IEnumerator<HostName> GetEnumerator() => _names.AsEnumerable().GetEnumerator();

    public bool Equals(CertificateNames? other) => other is not null && _names.SequenceEqual(other._names);

    public override bool Equals(object? obj) => Equals(obj as CertificateNames);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => string.Join(", ", _names.Select(n => n.Value));

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
