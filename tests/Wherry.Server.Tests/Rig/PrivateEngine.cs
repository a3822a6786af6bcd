using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Wherry.Docker;

namespace Wherry.Server.Tests.Rig;

/// <summary>A Docker Engine that one test has for itself: it may be stopped, killed, rebooted, and its disk may be full.</summary>
/// <remarks>Without iptables rules of its own, so that the machine's engine keeps its: containers answer on their addresses, and reach nothing outside.</remarks>
internal sealed class PrivateEngine : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-engine-").FullName;
    private readonly string _bridge = $"wt{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    private Process? _daemon;

    private PrivateEngine() => Client = new Engine(EngineEndpoint.Parse(Host));

    /// <summary>In <c>DOCKER_HOST</c>'s form.</summary>
    public string Host => $"unix://{Path.Combine(_folder, "docker.sock")}";

    /// <summary>A client of it.</summary>
    public Engine Client { get; }

    /// <summary>Where images, containers and volumes are.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>Where its builds are among the control groups.</summary>
    public string BuildGroup => $"{_bridge}/buildkit";

    private string Run => Path.Combine(_folder, "run");

    /// <param name="diskBytes">Size of its disk, which is in memory. <see langword="null"/>: the machine's disk.</param>
    public static async Task<PrivateEngine> StartAsync(long? diskBytes = null)
    {
        var engine = new PrivateEngine();
        Directory.CreateDirectory(engine.Data);
        await File.WriteAllTextAsync(Path.Combine(engine._folder, "daemon.json"), "{}"); // the machine's settings are the machine's
        if (diskBytes is { } size)
        {
            await Tool.RunAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={size}"), "wherry-test", engine.Data);
        }

        await engine.UpAsync();
        return engine;
    }

    /// <summary>Copies an image of the machine's engine.</summary>
    public async Task LoadAsync(string image)
    {
        var file = Path.Combine(_folder, "image.tar");
        await Tool.RunAsync("docker", "--host", new ServerOptions().Engine, "save", "--output", file, image);
        await Tool.RunAsync("docker", "--host", Host, "load", "--quiet", "--input", file);
        File.Delete(file);
    }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <remarks>Without an address pool of its own: an engine with one that is started again removes <c>docker0</c>, whoever's it is.</remarks>
    public async Task UpAsync()
    {
        await EnsureBridgeAsync();
        _daemon = Process.Start(new ProcessStartInfo("setsid",
        [
            "dockerd", "--config-file", Path.Combine(_folder, "daemon.json"), "--host", Host, "--data-root", Data, "--exec-root", Run, "--pidfile", Path.Combine(_folder, "dockerd.pid"),
            "--bridge", _bridge, "--cgroup-parent", $"/{_bridge}", "--iptables=false", "--ip-masq=false", "--log-level", "error",
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _daemon.OutputDataReceived += (_, _) => { }; // read, so that it never waits for us
        _daemon.ErrorDataReceived += (_, line) => LastError = line.Data ?? LastError;
        _daemon.BeginOutputReadLine();
        _daemon.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await Client.AnswersAsync(limit.Token))
        {
            Assert.False(_daemon.HasExited, $"dockerd ended: {LastError}");
            await Task.Delay(100, limit.Token);
        }
    }

    /// <summary>The last line that it wrote to its log.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Stops it as a service manager does: its containers are stopped with it.</summary>
    public async Task DownAsync()
    {
        await Tool.RunAsync("kill", "-TERM", Pid());
        await _daemon!.WaitForExitAsync();
    }

    /// <summary>Kills it alone: its containers run on, as under an engine that is upgraded with live restore.</summary>
    public async Task KillAsync()
    {
        await Tool.RunAsync("kill", "-KILL", Pid());
        await _daemon!.WaitForExitAsync();
        File.Delete(Path.Combine(_folder, "dockerd.pid"));
    }

    /// <summary>What a power cut leaves: engine and containers are gone in the middle of what they did.</summary>
    public async Task CutPowerAsync()
    {
        foreach (var process in Tree(Pid()))
        {
            await Tool.TryAsync("kill", "-KILL", process);
        }

        // Containers hang below shims that belong to nobody; all carry the folder in their command line.
        foreach (var shim in Processes().Where(p => p.CommandLine.Contains(_folder, StringComparison.Ordinal)).SelectMany(p => Tree(p.Pid)).Distinct().ToList())
        {
            await Tool.TryAsync("kill", "-KILL", shim);
        }

        await _daemon!.WaitForExitAsync();
        File.Delete(Path.Combine(_folder, "dockerd.pid"));
        await LetGoOfMountsAsync(Run); // what lies in /run elsewhere does not survive either
        Directory.Delete(Run, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon is { HasExited: false })
        {
            foreach (var container in await Client.Containers.ListAsync(new Dictionary<string, string?>(), true, default))
            {
                await Client.Containers.RemoveAsync(container.Id, TimeSpan.Zero, removeAnonymousVolumes: true, default);
            }

            foreach (var network in (await Client.Networks.ListAsync(new Dictionary<string, string?>(), default)).Where(n => n.Name is not ("host" or "none" or "bridge")))
            {
                await Client.Networks.RemoveAsync(network.Id, default);
            }

            await DownAsync();
        }

        Client.Dispose();
        _daemon?.Dispose();
        await Tool.TryAsync("ip", "link", "delete", _bridge);
        await LetGoOfMountsAsync(_folder);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A bridge of its own: an engine without one removes the machine's <c>docker0</c>, and then the machine's engine can build nothing any more.</summary>
    private async Task EnsureBridgeAsync()
    {
        if ((await Tool.TryAsync("ip", "link", "show", _bridge)).Code != 0)
        {
            var subnet = string.Create(CultureInfo.InvariantCulture, $"10.212.{RandomNumberGenerator.GetInt32(256)}.1/24");
            await Tool.RunAsync("ip", "link", "add", "name", _bridge, "type", "bridge");
            await Tool.RunAsync("ip", "address", "add", subnet, "dev", _bridge);
            await Tool.RunAsync("ip", "link", "set", _bridge, "up");
        }
    }

    private static async Task LetGoOfMountsAsync(string below)
    {
        var mounts = (await File.ReadAllLinesAsync("/proc/self/mounts")).Select(l => l.Split(' ')[1]).Where(m => m.StartsWith(below, StringComparison.Ordinal)).ToList();
        foreach (var mount in mounts.AsEnumerable().Reverse())
        {
            await Tool.TryAsync("umount", "--lazy", mount);
        }
    }

    private string Pid() => File.ReadAllText(Path.Combine(_folder, "dockerd.pid")).Trim();

    private static List<string> Tree(string pid)
    {
        var children = Processes().ToLookup(p => p.Parent, p => p.Pid);
        List<string> tree = [pid];
        for (var i = 0; i < tree.Count; i++)
        {
            tree.AddRange(children[tree[i]]);
        }

        return tree;
    }

    private static IEnumerable<(string Pid, string Parent, string CommandLine)> Processes()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            string stat, line;
            try
            {
                stat = File.ReadAllText(Path.Combine(folder, "stat"));
                line = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (IOException)
            {
                continue; // it ended in between
            }

            yield return (Path.GetFileName(folder), stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], line);
        }
    }
}
