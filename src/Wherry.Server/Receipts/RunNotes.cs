using System.Text.Json.Serialization;
using Wherry.Client;
using Wherry.Core.Routing;

namespace Wherry.Server.Receipts;

/// <summary>What is noted while a deployment runs, for its receipt. Survives a restart of the server from the plan on.</summary>
internal sealed class RunNotes
{
    public List<ReceiptStep> Steps { get; set; } = [];

    public List<ReceiptBuild> Builds { get; set; } = [];

    /// <summary>The environment's traffic when the deployment began, by the edge's key; <see langword="null"/> when the edge could not be asked.</summary>
    public Dictionary<string, TrafficTotal>? Traffic { get; set; }

    public ReceiptKept? Kept { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunNotes))]
internal sealed partial class NotesJson : JsonSerializerContext;
