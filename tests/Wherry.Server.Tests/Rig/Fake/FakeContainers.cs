using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Wherry.Server.Tests.Rig.Fake;

/// <summary>Containers: each gets a loopback address of its own and one volume without a name, as of an image with <c>VOLUME</c>.</summary>
internal sealed class FakeContainers(FakeEngine engine) : IDisposable
{
    private readonly ConcurrentDictionary<string, FakeContainer> _all = new();
    private int _made;

    public int Count => _all.Count;

    /// <summary>How many there ever were.</summary>
    public int Made => _made;

    public Task AnswerAsync(HttpContext context, string[] path) => (context.Request.Method, path) switch
    {
        ("GET", ["json"]) => FakeEngine.AnswerAsync(context, List(context)),
        ("POST", ["create"]) => CreateAsync(context),
        (_, [var name, ..]) => Find(name) is { } container ? OneAsync(context, container, path.Length > 1 ? path[1] : "") : FakeEngine.AnswerAsync(context, null),
        _ => engine.UnknownAsync(context),
    };

    public void Dispose()
    {
        foreach (var container in _all.Values)
        {
            container.Dispose();
        }
    }

    private FakeContainer? Find(string name) => _all.GetValueOrDefault(name) ?? _all.Values.FirstOrDefault(c => c.Name == name || c.Id.StartsWith(name, StringComparison.Ordinal));

    private Task OneAsync(HttpContext context, FakeContainer container, string verb) => (context.Request.Method, verb) switch
    {
        ("GET", "json") => FakeEngine.AnswerAsync(context, container.Inspect()),
        ("POST", "start") => StartAsync(context, container),
        ("POST", "stop" or "kill") => FakeEngine.AnswerAsync(context, new JsonObject(), Stop(container) ? 200 : 304),
        ("POST", "wait") => WaitAsync(context, container),
        ("GET", "logs") => LogsAsync(context, container),
        ("DELETE", "") => RemoveAsync(context, container),
        _ => engine.UnknownAsync(context),
    };

    private async Task CreateAsync(HttpContext context)
    {
        var config = await FakeEngine.BodyAsync(context);
        var name = context.Request.Query["name"].ToString();
        if (Find(name) is not null)
        {
            await FakeEngine.AnswerAsync(context, new JsonObject { ["message"] = $"Conflict. The container name \"/{name}\" is already in use" }, 409);
            return;
        }

        if (engine.Images.Find(config["Image"]!.GetValue<string>()) is not { } image)
        {
            await FakeEngine.AnswerAsync(context, new JsonObject { ["message"] = $"No such image: {config["Image"]}" }, 404);
            return;
        }

        var number = Interlocked.Increment(ref _made);
        var id = FakeContainer.IdOf(number);
        var anonymous = $"anonymous-{id}";
        engine.Volumes.Add(anonymous);
        _all[id] = new FakeContainer(id, name, image, config, new IPAddress([127, 77, (byte)(number >> 8), (byte)number])) { Volumes = [anonymous] };
        await FakeEngine.AnswerAsync(context, new JsonObject { ["Id"] = id }, 201);
    }

    private Task StartAsync(HttpContext context, FakeContainer container)
    {
        if (container.State == "running")
        {
            return FakeEngine.AnswerAsync(context, new JsonObject(), 304);
        }

        container.Start(engine.Images.Port);
        engine.Events.Say("start", container.Id, container.Labels, ("name", container.Name));
        return FakeEngine.AnswerAsync(context, new JsonObject());
    }

    private bool Stop(FakeContainer container)
    {
        if (!container.Stop())
        {
            return false;
        }

        engine.Events.Say("die", container.Id, container.Labels, ("exitCode", "0"), ("name", container.Name));
        return true;
    }

    private static async Task WaitAsync(HttpContext context, FakeContainer container)
    {
        await container.Ended.WaitAsync(context.RequestAborted);
        await FakeEngine.AnswerAsync(context, new JsonObject { ["StatusCode"] = 0 });
    }

    private Task RemoveAsync(HttpContext context, FakeContainer container)
    {
        Stop(container);
        _all.TryRemove(container.Id, out _);
        if (context.Request.Query["v"] == "1")
        {
            foreach (var volume in container.Volumes)
            {
                engine.Volumes.Remove(volume);
            }
        }

        engine.Events.Say("destroy", container.Id, container.Labels, ("name", container.Name));
        return FakeEngine.AnswerAsync(context, new JsonObject());
    }

    private static async Task LogsAsync(HttpContext context, FakeContainer container)
    {
        await context.Response.Body.WriteAsync(container.Line(context.Request.Query["timestamps"] == "1"), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (context.Request.Query["follow"] == "1")
        {
            await container.Ended.WaitAsync(context.RequestAborted);
        }
    }

    private JsonArray List(HttpContext context)
    {
        var wanted = FakeEngine.Wanted(context);
        var all = context.Request.Query["all"] == "1";
        return [.. _all.Values.Where(c => (all || c.State == "running") && FakeEngine.Has(c.Labels, wanted)).Select(c => c.Summary())];
    }
}
