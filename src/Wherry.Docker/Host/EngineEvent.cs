using System.Text.Json.Serialization;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>Something that happened on the engine.</summary>
/// <param name="Type"><c>container</c>, <c>image</c>, <c>network</c>, <c>volume</c>, …</param>
/// <param name="Action"><c>start</c>, <c>die</c>, <c>health_status: healthy</c>, …</param>
/// <param name="Id">The object's id; a volume's or an image's name.</param>
/// <param name="Attributes">The object's labels, and what belongs to the action, for instance <c>name</c> and <c>exitCode</c>.</param>
public sealed record EngineEvent(string Type, string Action, string Id, IReadOnlyDictionary<string, string> Attributes, DateTimeOffset At);

/// <summary>Which events are wanted; an empty list wants all.</summary>
public sealed record EventFilter
{
    public static EventFilter All { get; } = new();

    /// <summary>For instance <c>container</c>.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Labels that the object must carry; a <see langword="null"/> value asks for the key alone.</summary>
    public IReadOnlyDictionary<string, string?> Labels { get; init; } = new Dictionary<string, string?>();

    /// <summary>For instance <c>die</c>; <c>health_status</c> stands for all of its results.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    internal string? ToFilters() => Filters.Write(
    [
        ("type", Types),
        ("label", [.. Labels.Select(l => l.Value is null ? l.Key : $"{l.Key}={l.Value}")]),
        ("event", Actions),
    ]);
}

internal sealed record EventWire
{
    public string? Type { get; init; }

    public string? Action { get; init; }

    public EventActorWire? Actor { get; init; }

    [JsonPropertyName("timeNano")]
    public long TimeNano { get; init; }

    public EngineEvent ToEvent() =>
        new(Type ?? "", Action ?? "", Actor?.ID ?? "", Actor?.Attributes ?? new Dictionary<string, string>(), EngineTime.OfNanoseconds(TimeNano));
}

internal sealed record EventActorWire(string? ID, IReadOnlyDictionary<string, string>? Attributes);
