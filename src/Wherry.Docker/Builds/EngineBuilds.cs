using System.Text.Json;
using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>Builds images on one engine.</summary>
public sealed partial class EngineBuilds
{
    private const long CpuPeriodMicroseconds = 100_000;
    private static readonly TimeSpan CancelWithin = TimeSpan.FromSeconds(5);
    private readonly EngineConnection _connection;
    private readonly TimeProvider _time;

    internal EngineBuilds(EngineConnection connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
    }

    /// <summary>Builds an image; the context is streamed to the engine.</summary>
    /// <param name="progress">Called in order, one call at a time.</param>
    /// <param name="ct">Ends the build on the engine too.</param>
    /// <returns>The image's id, <c>sha256:…</c>.</returns>
    /// <exception cref="ProblemException"><c>build/failed</c> with the failing step and its last lines; <c>docker/disk-full</c>.</exception>
    public async Task<string> BuildAsync(BuildRequest request, IProgress<BuildProgress>? progress, CancellationToken ct)
    {
        if (request.Builder == BuilderKind.Classic)
        {
            return await BuildAsync(request, isBuildKit: false, progress, ct);
        }

        try
        {
            return await BuildAsync(request, isBuildKit: true, progress, ct);
        }
        catch (ProblemException e) when (request.Builder == BuilderKind.Auto && LacksBuildKit(e.Problem))
        {
            return await BuildAsync(request, isBuildKit: false, progress, ct);
        }
    }

    // Refused before the first step: `docker/refused` or `docker/failed`, never `build/failed`.
    private static bool LacksBuildKit(Problem problem) =>
        problem.Code is "docker/refused" or "docker/failed" && (problem.Message.Contains("buildkit", StringComparison.OrdinalIgnoreCase) || problem.Message.Contains("invalid version", StringComparison.OrdinalIgnoreCase));

    private async Task<string> BuildAsync(BuildRequest request, bool isBuildKit, IProgress<BuildProgress>? progress, CancellationToken ct)
    {
        var buildId = Guid.NewGuid().ToString("N");
        var about = request.Tags is [var name, ..] ? Subject.Build(name.Value) : Subject.Build("without a name");
        var call = EngineRequest.Post($"build{Parameters(request, isBuildKit, buildId)}", about) with { Content = new UploadContent(request.WriteContext) };
        try
        {
            return await FollowAsync(call, new BuildLog(progress), ct) ?? await FindByTagAsync(request, ct);
        }
        catch (OperationCanceledException) when (isBuildKit)
        {
            await CancelAsync(buildId, about);
            throw;
        }
    }

    /// <returns>The image's id, when the builder said it.</returns>
    private async Task<string?> FollowAsync(EngineRequest call, BuildLog log, CancellationToken ct)
    {
        var buildKit = new BuildKitProgress(log);
        var classic = new ClassicProgress(log, _time);
        string? image = null;
        await foreach (var message in _connection.StreamAsync(call, DockerJson.Default.ProgressWire, ct))
        {
            if (message.Failure is { } failure)
            {
                classic.Finish(failure);
                throw log.Failure(step => buildKit.NameOf(step) ?? classic.NameOf(step), failure).AsException();
            }

            switch (message)
            {
                case { Id: "moby.buildkit.trace", Aux: { } trace }:
                    buildKit.Add(trace);
                    break;
                case { Aux: { ValueKind: JsonValueKind.Object } aux }:
                    image = aux.Deserialize(DockerJson.Default.BuildAuxWire)?.ID ?? image;
                    break;
                case { Stream: { } text }:
                    classic.Add(text);
                    break;
                case { Status: { Length: > 0 } }:
                    log.Report(new(BuildProgressKind.Detail, 0, message.ToProgress().ToString()));
                    break;
            }
        }

        classic.Finish(failure: null);
        return image;
    }

    private async Task<string> FindByTagAsync(BuildRequest request, CancellationToken ct)
    {
        if (request.Tags is [var tag, ..]
            && await _connection.FindAsync(EngineRequest.Get($"images/{tag.Value}/json", Subject.Image(tag.Value)), DockerJson.Default.ImageInspectWire, ct) is { } image)
        {
            return image.Id;
        }

        throw new Problem("build/failed", "The build ended without an image.", "Give the image a name; this engine does not say its id.").AsException();
    }

    /// <summary>Closing the connection ends a build; BuildKit behind a proxy may not notice, so it is told as well.</summary>
    private async Task CancelAsync(string buildId, Subject about)
    {
        // The caller's token is the reason for being here.
        using var limit = new CancellationTokenSource(CancelWithin, _time);
        try
        {
            await _connection.SendAsync(EngineRequest.Post($"build/cancel{new Query().Add("id", buildId)}", about), limit.Token);
        }
        catch (Exception e) when (e is ProblemException or OperationCanceledException)
        {
            // Nothing is left to cancel, or nobody to tell.
        }
    }

    private static Query Parameters(BuildRequest request, bool isBuildKit, string buildId)
    {
        var query = new Query()
            .Add("dockerfile", request.Dockerfile)
            .Add("target", request.Target)
            .AddAll("t", request.Tags.Select(t => t.Value))
            .Add("buildargs", request.Args)
            .Add("labels", request.Labels)
            .Add("cachefrom", request.CacheFrom.Count == 0 ? null : JsonSerializer.Serialize([.. request.CacheFrom.Select(c => c.Value)], DockerJson.Default.StringArray))
            .Add("nocache", request.NoCache)
            .Add("pull", request.Pull)
            .Add("networkmode", request.Network)
            .Add("platform", request.Platform?.Value)
            .Add("rm", value: true)
            .Add("forcerm", value: true);
        if (isBuildKit)
        {
            return query.Add("version", "2").Add("buildid", buildId);
        }

        var limits = request.Limits;
        return query
            .Add("memory", limits.Memory?.Bytes)
            .Add("memswap", limits.Memory?.Bytes * 2)
            .Add("cpuperiod", limits.Cpus is null ? null : CpuPeriodMicroseconds)
            .Add("cpuquota", limits.Cpus is { } cpus ? (long)(cpus * CpuPeriodMicroseconds) : null);
    }
}

internal sealed record BuildAuxWire(string? ID);
