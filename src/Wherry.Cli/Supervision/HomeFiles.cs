using System.Globalization;

namespace Wherry.Cli.Supervision;

/// <summary>Where things that run from a home stand in it.</summary>
internal sealed record HomeFiles(string Home)
{
    /// <summary>The installed program; a link that <c>wherry up</c> exchanges in one step.</summary>
    public string Program => Path.Combine(Home, "bin", "wherry");

    /// <summary>The scripts that keep an engine, copied so that the checkout may go.</summary>
    public string EngineScript => Path.Combine(Home, "scripts", "engine");

    /// <summary>There when Wherry itself started the engine, without systemd.</summary>
    public string EngineStarted => Path.Combine(Home, "engine.started-by-wherry");

    /// <summary>Ids of the containers that <c>wherry down</c> stopped, oldest first, for <c>wherry up</c> to start again.</summary>
    public string StoppedByDown => Path.Combine(Home, "stopped-by-down");

    /// <summary>The server's socket: who may open it needs no token.</summary>
    public string Socket => Path.Combine(Home, "wherry.sock");

    /// <summary>The edge's control socket.</summary>
    public string EdgeSocket => Path.Combine(Home, "edge", "edge.sock");

    /// <summary>Root of the edge's own authority, with its key.</summary>
    public string Authority => Path.Combine(Home, "edge", "authority", "root.pem");

    public string Keys => Path.Combine(Home, "keys");

    public string Run => Path.Combine(Home, "run");

    public string Log(string role) => Path.Combine(Home, "logs", $"{role}.log");

    public string PidFile(string role) => Path.Combine(Run, $"{role}.pid");

    /// <summary>The process that runs a role of this home; <see langword="null"/> when none does.</summary>
    /// <remarks>A pid file alone is not believed: after a reboot its number belongs to somebody else.</remarks>
    public int? PidOf(string role) =>
        File.Exists(PidFile(role)) && int.TryParse(File.ReadAllText(PidFile(role)), CultureInfo.InvariantCulture, out var pid)
        && Processes.IsRunning(pid) && Processes.ArgumentsOf(pid) is { } arguments && arguments.SequenceEqual(Arguments(role)) ? pid : null;

    public IReadOnlyList<string> Arguments(string role) => [role, "--home", Home];

    /// <summary>Settings of the runtime for a role. The units of <c>packaging</c> have the same.</summary>
    /// <remarks>
    /// The server is idle most of the time: code that is compiled twice and garbage that waits cost it more memory than they save time.
    /// The edge is to be fast, but probes wake it all day: threads that spin before they sleep cost it a quarter more processor time when nobody asks.
    /// </remarks>
    public static IReadOnlyDictionary<string, string> Environment(string role) => role switch
    {
        "server" => new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = "0", ["DOTNET_GCGen0MaxBudget"] = "100000" },
        "edge" => new Dictionary<string, string> { ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0", ["DOTNET_TieredPGO"] = "1" },
        _ => new Dictionary<string, string>(),
    };

    public void Remember(string role, int pid)
    {
        Directory.CreateDirectory(Run);
        File.WriteAllText(PidFile(role), pid.ToString(CultureInfo.InvariantCulture));
    }
}
