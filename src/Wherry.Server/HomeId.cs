using System.Security.Cryptography;
using System.Text;
using Wherry.Core.Problems;
using Wherry.Server.Secrets;

namespace Wherry.Server;

/// <summary>Tells this Wherry's things on an engine from those of another. Made once, kept in <c>keys/home.id</c>.</summary>
/// <param name="Value">Hexadecimal digits: 12 where names on the engine do without the id, 8 where they begin with it.</param>
public sealed record HomeId(string Value)
{
    private const int Plain = 12;
    private const int InNames = 8;

    /// <summary>What every name on the engine begins with; empty in the home at the default path.</summary>
    /// <remarks>It follows from the id alone: a home that is moved, or whose id is restored from a label, finds its volumes again.</remarks>
    public string NamePrefix => Value.Length == InNames ? $"{Value}-" : "";

    /// <summary>Reads the id, making it first in a new home.</summary>
    /// <exception cref="ProblemException"><c>store/home-id</c> when the file holds something else.</exception>
    public static HomeId Open(string keys)
    {
        var file = Path.Combine(keys, "home.id");
        KeyFile.Ensure(file, () => Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(Path.GetFullPath(keys) == new ServerOptions().Keys ? Plain : InNames, lowercase: true) + "\n"));
        var text = File.ReadAllText(file).Trim();
        return text.Length is Plain or InNames && text.All(char.IsAsciiHexDigitLower)
            ? new HomeId(text)
            : throw new Problem("store/home-id", $"{file} is not an id of 8 or 12 hexadecimal digits.", "Put back the original file, or write the value of the label wherry.home of a running container into it.").AsException();
    }

    public override string ToString() => Value;
}
