using System.Diagnostics;

namespace Wherry.Bench.Edges;

/// <summary>A reverse proxy that serves <see cref="Host"/> from the back end, each set up as its manual says for that and no more.</summary>
internal abstract class Contender(string name, string folder) : IAsyncDisposable
{
    /// <summary>Resolves everywhere, so that load generators ask for it by name over TLS.</summary>
    public const string Host = "localhost";

    private Role? _process;

    public string Name => name;

    public int Port { get; } = BenchHome.FreePort();

    public int TlsPort { get; } = BenchHome.FreePort();

    protected string Folder => folder;

    /// <summary>The main process and those it started.</summary>
    public virtual double ResidentMb() => _process!.TreeMb();

    /// <summary>Starts it and waits until it answers from the back end.</summary>
    public async Task StartAsync(BackEnd backEnd, Certificates certificate, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var (program, settings, arguments) = await PrepareAsync(backEnd, certificate, ct);
        _process = Role.Start(program, Path.Combine(folder, "log"), settings, arguments);
        await StartedAsync(backEnd, certificate, ct);
        using var http = new HttpClient { DefaultRequestHeaders = { Host = Host } };
        for (var began = Stopwatch.GetTimestamp(); ; await Task.Delay(50, ct))
        {
            try
            {
                if (await http.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/"), ct) == BackEnd.Answer)
                {
                    return;
                }
            }
            catch (HttpRequestException e)
            {
                if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(15))
                {
                    throw new InvalidOperationException($"{name} does not serve: {await File.ReadAllTextAsync(Path.Combine(folder, "log"), ct)}", e);
                }
            }
        }
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Writes what it needs and says how it is started.</summary>
    protected abstract Task<(string Program, IReadOnlyDictionary<string, string> Settings, string[] Arguments)> PrepareAsync(BackEnd backEnd, Certificates certificate, CancellationToken ct);

    /// <summary>What it is told once it runs.</summary>
    protected virtual Task StartedAsync(BackEnd backEnd, Certificates certificate, CancellationToken ct) => Task.CompletedTask;
}
