using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

#pragma warning disable CA1507 // the names in the JSON are the engine's, not ours

namespace Wherry.Server.Tests.Rig.Fake;

/// <summary>An engine in memory. It speaks the Engine's API over a unix socket, as far as deployments use it; what it "runs" answers HTTP at an address of its own.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private const string Version = "1.45";

    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-fake-").FullName;
    private readonly ConcurrentDictionary<string, int> _calls = new();
    private readonly ConcurrentDictionary<string, int> _unknown = new();
    private readonly WebApplication _app;

    private FakeEngine()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Path.Combine(_folder, "docker.sock")));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>In <c>DOCKER_HOST</c>'s form.</summary>
    public string Host => $"unix://{_folder}/docker.sock";

    public FakeEvents Events { get; } = new();

    public FakeContainers Containers => field ??= new FakeContainers(this);

    public FakeImages Images { get; } = new();

    public FakeNames Networks { get; } = new(volumes: false);

    public FakeNames Volumes { get; } = new(volumes: true);

    /// <summary>Calls that it has no answer for.</summary>
    public IReadOnlyCollection<string> Unknown => [.. _unknown.Keys];

    /// <summary>How often each kind of call came.</summary>
    public IReadOnlyDictionary<string, int> Calls => _calls;

    public static async Task<FakeEngine> StartAsync()
    {
        var engine = new FakeEngine();
        await engine._app.StartAsync();
        return engine;
    }

    public async ValueTask DisposeAsync()
    {
        using (var now = new CancellationTokenSource(TimeSpan.Zero))
        {
            await _app.StopAsync(now.Token); // what is streamed has no end of its own
        }

        await _app.DisposeAsync();
        Containers.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Labels that the query's filter wants.</summary>
    public static IReadOnlyList<string> Wanted(HttpContext context, string filter = "label") => context.Request.Query["filters"].FirstOrDefault() is { } text
        && JsonNode.Parse(text)![filter] is JsonArray values ? [.. values.Select(v => v!.GetValue<string>())] : [];

    public static bool Has(JsonObject labels, IReadOnlyList<string> wanted) =>
        wanted.All(w => w.Split('=', 2) is var pair && labels[pair[0]] is { } value && (pair.Length == 1 || value.GetValue<string>() == pair[1]));

    public static async Task<JsonObject> BodyAsync(HttpContext context) => (await JsonSerializer.DeserializeAsync<JsonObject>(context.Request.Body))!;

    public static Task AnswerAsync(HttpContext context, JsonNode? answer, int status = 200)
    {
        if (answer is null)
        {
            (status, answer) = (404, new JsonObject { ["message"] = "no such object" });
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(answer.ToJsonString())).AsTask();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var parts = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        parts = parts[0].StartsWith("v1.", StringComparison.Ordinal) ? parts[1..] : parts;
        _calls.AddOrUpdate($"{context.Request.Method} {parts[0]} {(parts.Length > 1 ? parts[^1].Length < 12 ? parts[^1] : "*" : "")}", 1, (_, n) => n + 1);
        try
        {
            await (parts[0] switch
            {
                "_ping" => context.Response.WriteAsync("OK"),
                "version" => AnswerAsync(context, new JsonObject { ["Version"] = "fake", ["ApiVersion"] = Version, ["MinAPIVersion"] = "1.24", ["Os"] = "linux", ["Arch"] = "amd64" }),
                "info" => AnswerAsync(context, Info()),
                "events" => Events.SendAsync(context),
                "containers" => Containers.AnswerAsync(context, parts[1..]),
                "images" => Images.AnswerAsync(context, parts[1..]),
                "build" => Images.BuildAsync(context),
                "networks" => Networks.AnswerAsync(context, parts[1..]),
                "volumes" => Volumes.AnswerAsync(context, parts[1..]),
                _ => UnknownAsync(context),
            });
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    /// <summary>Answers 501 and takes a note of it.</summary>
    public Task UnknownAsync(HttpContext context)
    {
        _unknown[$"{context.Request.Method} {context.Request.Path}"] = 1;
        return AnswerAsync(context, new JsonObject { ["message"] = "not in this engine" }, 501);
    }

    private JsonObject Info() => new()
    {
        ["ID"] = "fake",
        ["Name"] = "fake",
        ["ServerVersion"] = "fake",
        ["OSType"] = "linux",
        ["Architecture"] = "x86_64",
        ["NCPU"] = Environment.ProcessorCount,
        ["MemTotal"] = 1L << 40,
        ["DockerRootDir"] = "/nowhere",
        ["CgroupVersion"] = "2",
        ["Containers"] = Containers.Count,
    };

    /// <summary>As the engine writes points in time.</summary>
    public static string At(DateTimeOffset? at) => (at ?? DateTimeOffset.MinValue).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
}
