namespace Wherry.Cli.Frame;

/// <summary>How the program ends: one code per kind of failure. <c>run</c> and <c>exec</c> end with the command's own code instead.</summary>
internal enum Exit
{
    Ok = 0,

    /// <summary>The command line cannot be read.</summary>
    Usage = 2,

    /// <summary>Wherry understood and refused; nothing changed.</summary>
    Rejected = 3,

    /// <summary>A deployment was started and did not end well; what served before goes on serving.</summary>
    DeployFailed = 4,

    /// <summary>The server does not answer.</summary>
    Unreachable = 5,

    /// <summary>What runs differs from what should.</summary>
    Drift = 6,

    /// <summary>Ended by Ctrl-C or SIGTERM.</summary>
    Interrupted = 130,
}
