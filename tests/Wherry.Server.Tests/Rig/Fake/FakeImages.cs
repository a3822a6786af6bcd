using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Wherry.Server.Tests.Rig.Fake;

/// <summary>Images with their names. Each build makes one more.</summary>
internal sealed class FakeImages
{
    private readonly ConcurrentDictionary<string, (JsonObject Labels, ConcurrentDictionary<string, bool> Tags)> _all = new();
    private int _made;

    public int Count => _all.Count;

    /// <summary>Port that all of them expose.</summary>
    public int Port { get; set; }

    /// <summary>An image with a name, as a pull leaves it.</summary>
    public string Add(string tag)
    {
        var id = Make([]);
        _all[id].Tags[tag] = true;
        return id;
    }

    public string? Find(string name) => _all.ContainsKey(name) ? name : _all.FirstOrDefault(i => i.Value.Tags.ContainsKey(name)).Key;

    public Task AnswerAsync(HttpContext context, string[] path)
    {
        var name = string.Join('/', context.Request.Method == "DELETE" ? path : path[..^1]);
        return (context.Request.Method, path[^1]) switch
        {
            ("GET", "json") when path.Length == 1 => FakeEngine.AnswerAsync(context, List(context)),
            ("GET", "json") => FakeEngine.AnswerAsync(context, Find(name) is { } id ? Inspect(id) : null),
            ("POST", "tag") when Find(name) is { } id => TagAsync(context, id),
            ("DELETE", _) => RemoveAsync(context, name),
            _ => FakeEngine.AnswerAsync(context, null),
        };
    }

    public async Task BuildAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        var id = Make((JsonObject)JsonNode.Parse(context.Request.Query["labels"].FirstOrDefault() ?? "{}")!);
        var answer = new JsonObject { ["id"] = "moby.image.id", ["aux"] = new JsonObject { ["ID"] = id } };
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(answer.ToJsonString()));
    }

    private string Make(JsonObject labels)
    {
        var id = $"sha256:{Interlocked.Increment(ref _made).ToString("x64", CultureInfo.InvariantCulture)}";
        _all[id] = (labels, new ConcurrentDictionary<string, bool>());
        return id;
    }

    private Task TagAsync(HttpContext context, string id)
    {
        var tag = $"{context.Request.Query["repo"]}:{context.Request.Query["tag"]}";
        if (Find(tag) is { } before)
        {
            _all[before].Tags.TryRemove(tag, out _);
        }

        _all[id].Tags[tag] = true;
        return FakeEngine.AnswerAsync(context, new JsonObject(), 201);
    }

    /// <summary>By name it loses the name, and goes with the last one; by id it goes.</summary>
    private Task RemoveAsync(HttpContext context, string name)
    {
        if (Find(name) is not { } id)
        {
            return FakeEngine.AnswerAsync(context, null);
        }

        _all[id].Tags.TryRemove(name, out _);
        if (name == id || _all[id].Tags.IsEmpty)
        {
            _all.TryRemove(id, out _);
        }

        return FakeEngine.AnswerAsync(context, new JsonArray());
    }

    private JsonArray List(HttpContext context)
    {
        var wanted = FakeEngine.Wanted(context);
        return [.. _all.Where(i => FakeEngine.Has(i.Value.Labels, wanted)).Select(i => Inspect(i.Key))];
    }

    private JsonObject Inspect(string id) => new()
    {
        ["Id"] = id,
        ["RepoTags"] = new JsonArray([.. _all[id].Tags.Keys.Select(t => (JsonNode)t)]),
        ["Size"] = 1000,
        ["Architecture"] = "amd64",
        ["Os"] = "linux",
        ["Labels"] = _all[id].Labels.DeepClone(),
        ["Config"] = new JsonObject { ["Labels"] = _all[id].Labels.DeepClone(), ["ExposedPorts"] = new JsonObject { [$"{Port}/tcp"] = new JsonObject() } },
    };
}
