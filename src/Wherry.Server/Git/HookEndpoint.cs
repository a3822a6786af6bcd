using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Wherry.Core.Problems;

namespace Wherry.Server.Git;

/// <summary>Where Git's hook asks whether a push may happen. <see cref="Client.PushHook"/> is the other side.</summary>
internal static class HookEndpoint
{
    private const int MaxRefs = 1000;

    /// <summary>Request: a line with the quarantine's folder (may be empty), then Git's own lines. Answer: lines for the pusher, each after a space, and a last line <c>ok</c> or <c>refused</c>.</summary>
    public static async Task AnswerAsync(string push, HttpContext context, PushRegistry pushes, PushReceiver receiver, IHostApplicationLifetime lifetime)
    {
        var found = pushes.Find(push) ?? throw new Problem("push/not-found", "There is no such push.", "This address is for Git's hook only.").AsException();
        var (quarantine, updates) = await ReadAsync(context.Request, found, context.RequestAborted);
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null; // the pusher's terminal may be slow
        }

        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, found.Gone, lifetime.ApplicationStopping);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/plain; charset=utf-8";
        try
        {
            await receiver.ReceiveAsync(found, updates, quarantine, line => SayAsync(context, line), gone.Token);
            await WriteAsync(context, "ok\n");
        }
        catch (ProblemException e)
        {
            await SayAsync(context, e.Problem.Message);
            foreach (var line in e.Problem.Evidence)
            {
                await SayAsync(context, $"  {line}");
            }

            await SayAsync(context, $"→ {e.Problem.Hint}");
            await SayAsync(context, $"({e.Problem.Code})");
            await WriteAsync(context, "refused\n");
        }
        catch (OperationCanceledException) when (found.Gone.IsCancellationRequested)
        {
            await WriteAsync(context, "refused\n");
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await SayAsync(context, "Wherry restarts. What had begun to start is taken up again: see `wherry status`, then push again to store the commit.");
            await WriteAsync(context, "refused\n");
        }
    }

    private static async Task<(string? Quarantine, IReadOnlyList<RefUpdate> Updates)> ReadAsync(HttpRequest request, PushRegistry.Push push, CancellationToken ct)
    {
        using var reader = new StreamReader(request.Body, leaveOpen: true);
        var quarantine = await reader.ReadLineAsync(ct) ?? "";
        var updates = new List<RefUpdate>();
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            var parts = line.Split(' ', 3);
            if (parts.Length != 3 || updates.Count == MaxRefs)
            {
                throw new Problem("push/too-many-refs", $"A push may move at most {MaxRefs} branches and tags at once.", "Push them in several steps.").AsException();
            }

            updates.Add(new RefUpdate(parts[0], parts[1], parts[2]));
        }

        return (quarantine.Length == 0 ? null : Inside(quarantine, push), updates);
    }

    /// <summary>Objects are read from the push's own repository and from nowhere else.</summary>
    private static string Inside(string quarantine, PushRegistry.Push push)
    {
        var folder = Path.GetFullPath(quarantine);
        var objects = Path.Combine(push.Repository, "objects");
        return Path.GetDirectoryName(folder) == objects && new DirectoryInfo(folder) is { Exists: true, LinkTarget: null }
            ? folder
            : throw new Problem("push/quarantine", "The hook named a folder that is not of this push.", "Push again; if it stays so, please report it.").AsException();
    }

    /// <summary>One line for the pusher, at once. Control characters of foreign output do not reach the terminal.</summary>
    private static Task SayAsync(HttpContext context, string line) => WriteAsync(context, $" {string.Concat(line.Where(c => c == '\t' || !char.IsControl(c)))}\n");

    private static async Task WriteAsync(HttpContext context, string text)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
