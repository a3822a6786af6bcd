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

    /// <summary>Position of that deployment's step that made it.</summary>
    public const string Step = "wherry.step";

    /// <summary>On a container that is not a replica: what it is for, <c>run</c> or <c>release</c>.</summary>
    public const string OneOff = "wherry.oneoff";
}
