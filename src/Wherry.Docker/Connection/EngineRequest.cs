using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Wherry.Docker.Connection;

/// <summary>One call of the engine's API.</summary>
/// <param name="Path">Relative to the version prefix, with its query.</param>
/// <param name="About">What the call is about; named in problems.</param>
internal sealed record EngineRequest(HttpMethod Method, string Path, Subject About)
{
    public HttpContent? Content { get; init; }

    /// <summary>Value of <c>X-Registry-Auth</c>.</summary>
    public string? RegistryAuth { get; init; }

    /// <summary>Failure codes that the caller takes as an answer.</summary>
    public IReadOnlyList<HttpStatusCode> Accepts { get; init; } = [];

    public static EngineRequest Get(string path, Subject about) => new(HttpMethod.Get, path, about);

    public static EngineRequest Post(string path, Subject about) => new(HttpMethod.Post, path, about);

    public static EngineRequest Delete(string path, Subject about) => new(HttpMethod.Delete, path, about);

    /// <summary>With a length, because the engine takes a chunked body on some verbs for a deprecated call.</summary>
    public EngineRequest With<T>(T body, JsonTypeInfo<T> type) => this with
    {
        Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    };
}

/// <summary>The object that a call is about.</summary>
internal sealed record Subject(string Kind, string Name)
{
    public static Subject Engine { get; } = new("engine", "");

    public static Subject Container(string id) => new("container", id);

    public static Subject Image(string name) => new("image", name);

    public static Subject Network(string name) => new("network", name);

    public static Subject Volume(string name) => new("volume", name);

    public static Subject Build(string name) => new("build", name);

    public bool IsImage => Kind == "image";

    public override string ToString() => Name.Length == 0 ? $"the {Kind}" : $"{Kind} {Name}";
}
