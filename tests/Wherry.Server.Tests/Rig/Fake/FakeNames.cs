using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Wherry.Server.Tests.Rig.Fake;

/// <summary>Networks, or volumes: names with labels.</summary>
internal sealed class FakeNames(bool volumes)
{
    private readonly ConcurrentDictionary<string, JsonObject> _all = new();

    public int Count => _all.Count;

    public Task AnswerAsync(HttpContext context, string[] path) => (context.Request.Method, path) switch
    {
        ("POST", ["create"]) => CreateAsync(context),
        ("GET", []) => FakeEngine.AnswerAsync(context, volumes ? new JsonObject { ["Volumes"] = List(context) } : List(context)),
        ("GET", [var name]) => FakeEngine.AnswerAsync(context, _all.GetValueOrDefault(name)?.DeepClone()),
        ("DELETE", [var name]) => _all.TryRemove(name, out _) ? FakeEngine.AnswerAsync(context, new JsonObject()) : FakeEngine.AnswerAsync(context, null),
        _ => FakeEngine.AnswerAsync(context, new JsonObject { ["message"] = "not in this engine" }, 501),
    };

    /// <summary>As a container that wants it does, which brings volumes without a name.</summary>
    public void Add(string name) => _all[name] = new JsonObject { ["Name"] = name, ["Driver"] = "local", ["Labels"] = new JsonObject() };

    public void Remove(string name) => _all.TryRemove(name, out _);

    private async Task CreateAsync(HttpContext context)
    {
        var asked = await FakeEngine.BodyAsync(context);
        var name = asked["Name"]!.GetValue<string>();
        var made = new JsonObject
        {
            ["Id"] = $"id-{name}",
            ["Name"] = name,
            ["Driver"] = asked["Driver"]?.DeepClone(),
            ["Labels"] = asked["Labels"]?.DeepClone() ?? new JsonObject(),
            ["Mountpoint"] = $"/nowhere/{name}",
            ["Containers"] = new JsonObject(),
        };
        var fresh = _all.TryAdd(name, made);
        await (fresh || volumes ? FakeEngine.AnswerAsync(context, _all[name].DeepClone(), 201) : FakeEngine.AnswerAsync(context, new JsonObject { ["message"] = $"network with name {name} already exists" }, 409));
    }

    private JsonArray List(HttpContext context)
    {
        var wanted = FakeEngine.Wanted(context);
        return [.. _all.Values.Where(v => FakeEngine.Has((JsonObject)v["Labels"]!, wanted)).Select(v => v.DeepClone())];
    }
}
