using System.Text.Json;
using System.Text.Json.Serialization;
using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>How far a pull, push or load is.</summary>
/// <param name="Layer">Short layer id; <see langword="null"/> for the whole.</param>
/// <param name="Status">The engine's word, for instance <c>Downloading</c>.</param>
public sealed record PullProgress(string? Layer, string Status, long? Done, long? Total)
{
    /// <summary>One line for a person.</summary>
    public override string ToString()
    {
        var line = Layer is null ? Status : $"{Layer}: {Status}";
        return Done is null or 0 ? line : Total is > 0 ? $"{line} {ByteSize.Of(Done.Value)} of {ByteSize.Of(Total.Value)}" : $"{line} {ByteSize.Of(Done.Value)}";
    }
}

/// <summary>One message of a pull, push, load, import or build.</summary>
internal sealed record ProgressWire
{
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    [JsonPropertyName("status")]
    public string? Status { get; init; }

    [JsonPropertyName("stream")]
    public string? Stream { get; init; }

    [JsonPropertyName("progressDetail")]
    public ProgressDetailWire? Detail { get; init; }

    [JsonPropertyName("error")]
    public string? Error { get; init; }

    [JsonPropertyName("errorDetail")]
    public ProgressErrorWire? ErrorDetail { get; init; }

    [JsonPropertyName("aux")]
    public JsonElement? Aux { get; init; }

    public string? Failure => ErrorDetail?.Message ?? Error;

    public PullProgress ToProgress() => new(Id, Status ?? Stream?.TrimEnd() ?? "", Detail?.Current, Detail?.Total);
}

internal sealed record ProgressDetailWire(
    [property: JsonPropertyName("current")] long? Current,
    [property: JsonPropertyName("total")] long? Total);

internal sealed record ProgressErrorWire([property: JsonPropertyName("message")] string? Message);
