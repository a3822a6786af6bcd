using System.Security.Cryptography;
using Wherry.Core.Problems;

namespace Wherry.Server;

/// <summary>Labels on everything that Wherry makes on an engine. Only what carries <see cref="Home"/> with our own <see cref="HomeId"/> is ours to touch.</summary>
public static class Labels
{
    /// <summary>What all of them start with; labels of the file that do are left out.</summary>
    public const string Prefix = "wherry.";

    /// <summary><see cref="HomeId"/> of the Wherry that made it: two may share an engine.</summary>
    public const string Home = "wherry.home";

    public const string Project = "wherry.project";

    public const string Environment = "wherry.environment";

    public const string Service = "wherry.service";

    /// <summary>Number of the release.</summary>
    public const string Release = "wherry.release";

    /// <summary>Number of the replica, unique among the containers of its service, from 1.</summary>
    public const string Replica = "wherry.replica";

    /// <summary>Hash of the settings that a replica was made from.</summary>
    public const string Hash = "wherry.hash";

    /// <summary>Id of the deployment that made it.</summary>
    public const string Deployment = "wherry.deployment";

    /// <summary>On a container that is not a replica: what it is for, <c>run</c> or <c>release</c>.</summary>
    public const string OneOff = "wherry.oneoff";
}

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
        if (!File.Exists(file))
        {
            var fresh = file + ".new";
            using (var stream = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(Path.GetFullPath(keys) == new ServerOptions().Keys ? Plain : InNames, lowercase: true) + "\n"));
                stream.Flush(flushToDisk: true);
            }

            File.Move(fresh, file);
        }

        var text = File.ReadAllText(file).Trim();
        return text.Length is Plain or InNames && text.All(char.IsAsciiHexDigitLower)
            ? new HomeId(text)
            : throw new Problem("store/home-id", $"{file} is not an id of 8 or 12 hexadecimal digits.", "Put back the original file, or write the value of the label wherry.home of a running container into it.").AsException();
    }

    public override string ToString() => Value;
}
