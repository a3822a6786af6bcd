using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Deployments;

/// <summary>Runs a container that does one thing and ends, with its output in the deployment's log.</summary>
internal sealed class OneOffs(Engine engine, Diagnosis diagnosis, TimeProvider time)
{
    /// <summary>Longest time that a release command or job may take.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    /// <param name="run">The deployment.</param>
    /// <param name="spec">The service.</param>
    /// <param name="container">What to run.</param>
    /// <param name="what">What it is, in a sentence.</param>
    /// <param name="keep">Leave the container when it succeeded: it is the evidence that the job is done.</param>
    /// <param name="ct">Removes the container.</param>
    /// <exception cref="ProblemException"><c>release/failed</c> or why it could not run, <c>release/timeout</c>.</exception>
    public async Task RunAsync(DeploymentRun run, ServiceSpec spec, ContainerSpec container, string what, bool keep, CancellationToken ct)
    {
        if (await engine.Containers.FindAsync(container.Name, ct) is { } left)
        {
            await engine.Containers.RemoveAsync(left.Id, null, removeAnonymousVolumes: true, ct);
        }

        var id = await engine.Containers.CreateAsync(container, CancellationToken.None); // the engine would finish it anyway, and nobody would know its id
        var done = false;
        try
        {
            await FileMounts.PutAsync(engine, id, spec.Files, ct);
            await engine.Containers.StartAsync(id, ct);
            var code = await FollowAsync(run, spec, id, what, ct);
            done = code == 0 ? true : throw (await diagnosis.OfOneOffAsync(run, spec, id, $"The {what} of {spec.Name}", (int)code, ct)).AsException();
        }
        finally
        {
            if (!done || !keep)
            {
                await engine.Containers.RemoveAsync(id, null, removeAnonymousVolumes: true, CancellationToken.None); // also when cancelled: it must not stay
            }
        }
    }

    private async Task<long> FollowAsync(DeploymentRun run, ServiceSpec spec, string id, string what, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            var output = new OneOffOutput();
            await foreach (var line in engine.Containers.LogsAsync(id, new LogQuery { Follow = true }, both.Token))
            {
                await WriteAsync(run, spec, output.Take(line));
            }

            var code = await engine.Containers.WaitAsync(id, both.Token);
            await foreach (var line in engine.Containers.LogsAsync(id, new LogQuery { Since = output.Last }, both.Token))
            {
                if (output.IsMissing(line))
                {
                    await WriteAsync(run, spec, line);
                }
            }

            return code;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Problem("release/timeout", $"The {what} of {spec.Name} did not end within {Limit.TotalMinutes} min.", "Make it end, or move long work into a worker.").AsException();
        }
    }

    private static Task WriteAsync(DeploymentRun run, ServiceSpec spec, LogLine line) =>
        run.Log.WriteAsync(spec.Name.Value, line.Stream == LogStream.Stderr ? "stderr" : "stdout", line.Text);
}
