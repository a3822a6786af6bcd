using System.Globalization;
using Wherry.Core.Model;
using Wherry.Server.Access;
using Wherry.Server.Sources;

namespace Wherry.Server.Git;

/// <summary>Runs Git's two server programs, <c>upload-pack</c> for fetches and <c>receive-pack</c> for pushes, between a request and its answer.</summary>
internal sealed partial class GitService(GitProgram git, GitRepositories repositories, PushRegistry pushes, HookFolder hooks, SourceOptions limits, ILogger<GitService> logger)
{
    /// <summary>Old mistakes of other programs that are in the history of many good repositories.</summary>
    private static readonly string[] Tolerated = ["badTimezone", "missingSpaceBeforeDate", "zeroPaddedFilemode"];

    /// <summary>Time that git has to tidy up when the other side is gone.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Writes what the repository has.</summary>
    public async Task AdvertiseAsync(ProjectName project, bool push, string? protocol, Stream answer, CancellationToken ct)
    {
        var repository = await repositories.EnsureAsync(project, ct);
        await RunAsync(Call(repository, push ? "receive-pack" : "upload-pack", protocol, advertise: true), Stream.Null, answer, ct);
    }

    /// <summary>Serves a fetch.</summary>
    public async Task UploadAsync(ProjectName project, string? protocol, Stream request, Stream answer, CancellationToken ct)
    {
        var repository = await repositories.EnsureAsync(project, ct);
        await RunAsync(Call(repository, "upload-pack", protocol, advertise: false), request, answer, ct);
    }

    /// <summary>Serves a push; its hook asks <see cref="PushReceiver"/> while this runs.</summary>
    /// <param name="caller">Who pushes.</param>
    /// <param name="project">To what.</param>
    /// <param name="protocol">What the client speaks.</param>
    /// <param name="request">The client's side.</param>
    /// <param name="answer">Ours.</param>
    /// <param name="ct">The pusher left: Git is ended and moves no ref.</param>
    public async Task ReceiveAsync(Caller caller, ProjectName project, string? protocol, Stream request, Stream answer, CancellationToken ct)
    {
        var repository = await repositories.EnsureAsync(project, ct);
        using var push = pushes.Open(caller, project, repository, ct);
        var call = Call(repository, "receive-pack", protocol, advertise: false);
        await RunAsync(call with { Variables = new Dictionary<string, string>([.. call.Variables, .. hooks.Variables(push.Id)]) }, request, answer, ct);
        await PointHeadAsync(repository, ct);
    }

    private GitCall Call(string repository, string program, string? protocol, bool advertise) => new(advertise ? [program, "--stateless-rpc", "--advertise-refs", repository] : [program, "--stateless-rpc", repository])
    {
        Settings = new Dictionary<string, string>
        {
            ["core.hooksPath"] = hooks.Path,
            ["receive.maxInputSize"] = limits.MaxBytes.Bytes.ToString(CultureInfo.InvariantCulture),
            ["receive.denyDeleteCurrent"] = "refuse",
            ["receive.fsckObjects"] = "true",
            ["uploadpack.allowFilter"] = "true",
        }.Concat(Tolerated.Select(t => KeyValuePair.Create($"receive.fsck.{t}", "warn"))).ToDictionary(),
        Variables = protocol is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["GIT_PROTOCOL"] = protocol },
    };

    private async Task RunAsync(GitCall call, Stream request, Stream answer, CancellationToken ct)
    {
        await using var process = GitProgram.Start(call);
        var (code, error) = await PipeAsync(process, request, answer, ct);
        if (code != 0)
        {
            LogFailed(call.Arguments[0], code, error);
        }
    }

    /// <summary>Both directions at once: a push's progress is seen while it happens.</summary>
    private static async Task<(int ExitCode, string Error)> PipeAsync(GitProcess process, Stream request, Stream answer, CancellationToken ct)
    {
        var feeding = FeedAsync(process, request, ct);
        try
        {
            var buffer = new byte[32 << 10];
            int read;
            while ((read = await process.Output.ReadAsync(buffer, ct)) > 0)
            {
                await answer.WriteAsync(buffer.AsMemory(0, read), ct);
                await answer.FlushAsync(ct);
            }

            await feeding;
            return await process.ExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            // Git that sees the end of its input takes half-received objects away; killed, it would leave them.
            await feeding;
            await process.WaitAsync(Grace);
            throw;
        }
    }

    /// <summary>Never fails: what git makes of an input that ends too early is in its answer.</summary>
    private static async Task FeedAsync(GitProcess process, Stream request, CancellationToken ct)
    {
        try
        {
            await request.CopyToAsync(process.Input, ct);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException)
        {
            // Git had enough, for instance because the push is too large; or the pusher is gone.
        }

        process.EndInput();
    }

    /// <summary>A clone checks out what HEAD names: the first branch that was pushed, if that is not main.</summary>
    private async Task PointHeadAsync(string repository, CancellationToken ct)
    {
        var head = await git.RunAsync(new GitCall("rev-parse", "--verify", "--quiet", "HEAD") { Repository = repository }, ct);
        if (head.Succeeded)
        {
            return;
        }

        var branches = await git.RunAsync(new GitCall("for-each-ref", "--count=1", "--format=%(refname)", "refs/heads/") { Repository = repository }, ct);
        if (branches.Output.Trim() is { Length: > 0 } first)
        {
            await git.RunAsync(new GitCall("symbolic-ref", "HEAD", first) { Repository = repository }, ct);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "git {Program} ended with {ExitCode}: {Error}")]
    private partial void LogFailed(string program, int exitCode, string error);
}
