using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Wherry.Server.Tests.Rig.Fake;

/// <summary>The stream of events, from the moment on that somebody asks for it.</summary>
internal sealed class FakeEvents
{
    private readonly ConcurrentDictionary<Channel<byte[]>, (IReadOnlyList<string> Types, IReadOnlyList<string> Actions, IReadOnlyList<string> Labels)> _listeners = new();

    /// <summary>Tells of a container.</summary>
    public void Say(string action, string id, JsonObject labels, params (string Key, string Value)[] attributes)
    {
        byte[]? text = null;
        foreach (var (listener, wants) in _listeners)
        {
            if ((wants.Types.Count == 0 || wants.Types.Contains("container")) && (wants.Actions.Count == 0 || wants.Actions.Contains(action)) && FakeEngine.Has(labels, wants.Labels))
            {
                listener.Writer.TryWrite(text ??= Text(action, id, labels, attributes));
            }
        }
    }

    public async Task SendAsync(HttpContext context)
    {
        var listener = Channel.CreateUnbounded<byte[]>();
        _listeners[listener] = (FakeEngine.Wanted(context, "type"), FakeEngine.Wanted(context, "event"), FakeEngine.Wanted(context));
        try
        {
            await context.Response.StartAsync(context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await foreach (var text in listener.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.Body.WriteAsync(text, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        finally
        {
            _listeners.TryRemove(listener, out _);
        }
    }

    private static byte[] Text(string action, string id, JsonObject labels, (string Key, string Value)[] attributes)
    {
        var all = (JsonObject)labels.DeepClone();
        foreach (var (key, value) in attributes)
        {
            all[key] = value;
        }

        var nanoseconds = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        return Encoding.UTF8.GetBytes(new JsonObject { ["Type"] = "container", ["Action"] = action, ["Actor"] = new JsonObject { ["ID"] = id, ["Attributes"] = all }, ["timeNano"] = nanoseconds }.ToJsonString() + "\n");
    }
}
