using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Wherry.Docker.Tests.Fixture;

/// <summary>A real registry on loopback; with <paramref name="withPassword"/> for one user.</summary>
internal sealed class Registry(bool withPassword) : IAsyncDisposable
{
    public const string User = "skipper";
    public const string Password = "opensesame";

    // The password by bcrypt, as htpasswd writes it.
    private const string PasswordLine = User + ":$2b$05$xjHkGm.vkTapVnzythD55OKNhd7ofz/cdjZNcyn0tXBDgFja2605.\n";
    private readonly SourceFolder _folder = new();
    private Process? _process;

    public string Address { get; private set; } = "";

    public RegistryCredential Credential => new(Address, User, Password);

    public async Task StartAsync(CancellationToken ct)
    {
        var program = await DebianPackage.ProgramAsync("docker-registry", "usr/bin/docker-registry", ct);
        Address = $"127.0.0.1:{FreePort()}";
        var auth = withPassword ? $"auth:\n  htpasswd:\n    realm: test\n    path: {_folder.With("htpasswd", PasswordLine).At("htpasswd")}\n" : "";
        _folder.With("config.yml", $"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {_folder.At("data")}\nhttp:\n  addr: {Address}\n{auth}");
        _process = Process.Start(new ProcessStartInfo(program, ["serve", _folder.At("config.yml")]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        using var http = new HttpClient();
        for (var tries = 0; ; tries++)
        {
            Assert.False(_process.HasExited, "docker-registry ended");
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://{Address}/v2/"), ct);
                return;
            }
            catch (HttpRequestException) when (tries < 100)
            {
                await Task.Delay(50, ct);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _folder.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
