using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Wherry.Edge.Tests.Rig;

/// <summary>A Caddy of the test's own, on ports and with folders of its own: Debian's package, which <c>./test</c> installs.</summary>
public sealed class CaddyProcess : IAsyncDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("wherry-caddy-").FullName;
    private readonly StringBuilder _log = new();
    private Process? _process;

    private CaddyProcess(string? admin)
    {
        Admin = admin ?? string.Create(CultureInfo.InvariantCulture, $"http://localhost:{FreePort()}");
        Http.BaseAddress = new(Admin.StartsWith("http", StringComparison.Ordinal) ? Admin : "http://none");
    }

    /// <summary>Address of its admin API.</summary>
    public string Admin { get; }

    /// <summary>Its admin API, as anybody uses it.</summary>
    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });

    public string Home => _home;

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <param name="apps">Configuration of somebody else's. Default: none.</param>
    /// <param name="admin">Address of the admin API. Default: a free port.</param>
    public static async Task<CaddyProcess> StartAsync(JsonObject? apps = null, string? admin = null)
    {
        var caddy = new CaddyProcess(admin);
        await caddy.StartAgainAsync(apps);
        return caddy;
    }

    /// <summary>Starts with this configuration, as the operator's service manager does after a crash.</summary>
    public async Task StartAgainAsync(JsonObject? apps = null)
    {
        var listen = Admin.StartsWith("http://", StringComparison.Ordinal) ? Admin["http://".Length..] : Admin;
        var config = new JsonObject { ["admin"] = new JsonObject { ["listen"] = listen, ["config"] = new JsonObject { ["persist"] = false } }, ["logging"] = new JsonObject() };
        if (apps is not null)
        {
            config["apps"] = apps.DeepClone();
        }

        var file = Path.Combine(_home, "caddy.json");
        await File.WriteAllTextAsync(file, config.ToJsonString());
        _process = Process.Start(new ProcessStartInfo("caddy", ["run", "--config", file])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["HOME"] = _home, ["XDG_DATA_HOME"] = _home, ["XDG_CONFIG_HOME"] = _home, ["WHERRY_TEST_SECRET"] = "not-to-be-told" },
        })!;
        var started = new TaskCompletionSource();
        _process.ErrorDataReceived += (_, line) => Take(line.Data, started);
        _process.OutputDataReceived += (_, line) => Take(line.Data, started);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        await started.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    /// <summary>A port on which nobody listens.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Its whole configuration.</summary>
    public async Task<JsonObject> ConfigAsync() => (JsonObject)JsonNode.Parse(await Http.GetStringAsync(new Uri("/config/", UriKind.Relative), TestContext.Current.CancellationToken))!;

    /// <summary>Loads a configuration in place of all that there is, as <c>caddy reload</c> does.</summary>
    public async Task LoadAsync(JsonObject config)
    {
        using var body = new StringContent(config.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await Http.PostAsync(new Uri("/load", UriKind.Relative), body, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>As a machine does that runs out of memory.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Holds it as it is: its ports take connections, and nobody answers.</summary>
    /// <returns>To be disposed: it goes on.</returns>
    public async Task<IAsyncDisposable> HangAsync()
    {
        var hanging = new Hanging(_process!.Id);
        await hanging.SendAsync("STOP");
        return hanging;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Http.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    private void Take(string? line, TaskCompletionSource started)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }

        if (line is null)
        {
            started.TrySetException(new InvalidOperationException($"Caddy has ended: {Log}"));
        }
        else if (line.Contains("serving initial configuration", StringComparison.Ordinal))
        {
            started.TrySetResult();
        }
    }

    private sealed class Hanging(int process) : IAsyncDisposable
    {
        public async Task SendAsync(string signal)
        {
            using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
            Assert.Equal(0, kill.ExitCode);
        }

        public async ValueTask DisposeAsync() => await SendAsync("CONT");
    }
}
