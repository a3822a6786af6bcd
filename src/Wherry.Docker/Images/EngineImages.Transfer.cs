using System.Net;
using System.Runtime.CompilerServices;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

public sealed partial class EngineImages
{
    private const string LoadedName = "Loaded image: ";
    private const string LoadedId = "Loaded image ID: ";

    /// <summary>Fetches an image from its registry; without tag and digest, <c>latest</c>.</summary>
    /// <param name="progress">Called in order, one call at a time.</param>
    /// <param name="ct">Ends the pull on the engine too; finished layers stay.</param>
    /// <param name="platform">Kind of machine; <see langword="null"/> is the engine's own.</param>
    /// <exception cref="ProblemException"><c>image/not-found</c>, <c>image/wrong-platform</c>, <c>image/denied</c>, <c>image/registry-unreachable</c>, <c>docker/disk-full</c>.</exception>
    public async Task<ImageInfo> PullAsync(ImageReference image, RegistryCredential? credential, IProgress<PullProgress>? progress, CancellationToken ct, Platform? platform = null)
    {
        var name = ImageName.Of(image);
        var query = new Query().Add("fromImage", name.Repository).Add("tag", name.Digest ?? name.Tag ?? "latest").Add("platform", platform?.Value);
        var request = EngineRequest.Post($"images/create{query}", Subject.Image(image.Value)) with { RegistryAuth = credential is null ? null : RegistryCredential.Encode(credential) };
        await foreach (var message in FollowAsync(request, progress, ct))
        {
            _ = message;
        }

        return await FindAsync(image, ct) ?? throw EngineProblems.Of(request.About, HttpStatusCode.NotFound, "it vanished right after the pull").AsException();
    }

    /// <summary>Sends an image to the registry in its name; without a tag, <c>latest</c>.</summary>
    /// <returns>The digest under which the registry has it.</returns>
    /// <exception cref="ProblemException"><c>image/not-found</c>, <c>image/denied</c>, <c>image/registry-unreachable</c>.</exception>
    public async Task<string> PushAsync(ImageReference image, RegistryCredential? credential, IProgress<PullProgress>? progress, CancellationToken ct)
    {
        var name = ImageName.Of(image);
        var query = new Query().Add("tag", name.Tag ?? "latest");
        var request = EngineRequest.Post($"images/{name.Repository}/push{query}", Subject.Image(image.Value)) with { RegistryAuth = RegistryCredential.Encode(credential) };
        string? digest = null;
        await foreach (var message in FollowAsync(request, progress, ct))
        {
            digest = message.Aux is { ValueKind: System.Text.Json.JsonValueKind.Object } aux && aux.TryGetProperty("Digest", out var value) ? value.GetString() : digest;
        }

        return digest ?? throw EngineProblems.OfStream(request.About, "the push ended without a digest").AsException();
    }

    /// <summary>Opens a tar of images with their names, as <see cref="LoadAsync"/> reads it. Dispose it.</summary>
    public Task<Stream> SaveAsync(IReadOnlyList<ImageReference> images, CancellationToken ct) => _connection.OpenAsync(
        EngineRequest.Get($"images/get{new Query().AddAll("names", images.Select(i => i.Value))}", Subject.Image(string.Join(", ", images.Select(i => i.Value)))), ct);

    /// <summary>Reads images from a tar that <see cref="SaveAsync"/> or <c>docker save</c> wrote.</summary>
    /// <param name="tar">Read to its end and left open.</param>
    /// <returns>Names, or ids of those without a name.</returns>
    public async Task<IReadOnlyList<string>> LoadAsync(Stream tar, CancellationToken ct)
    {
        var request = EngineRequest.Post("images/load?quiet=1", Subject.Image("from a tar")) with { Content = UploadContent.Of(tar) };
        List<string> loaded = [];
        await foreach (var message in FollowAsync(request, progress: null, ct))
        {
            var lines = (message.Stream ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            loaded.AddRange(lines.Where(l => l.StartsWith(LoadedName, StringComparison.Ordinal)).Select(l => l[LoadedName.Length..]));
            loaded.AddRange(lines.Where(l => l.StartsWith(LoadedId, StringComparison.Ordinal)).Select(l => l[LoadedId.Length..]));
        }

        return loaded;
    }

    /// <summary>Makes a one-layer image from a tar of a root file system.</summary>
    /// <param name="tar">Read to its end and left open.</param>
    /// <param name="changes">Dockerfile lines, for instance <c>CMD ["sh"]</c>.</param>
    /// <returns>The image's id.</returns>
    public async Task<string> ImportAsync(Stream tar, string repository, string tag, IReadOnlyList<string> changes, CancellationToken ct)
    {
        var query = new Query().Add("fromSrc", "-").Add("repo", repository).Add("tag", tag).AddAll("changes", changes);
        var request = EngineRequest.Post($"images/create{query}", Subject.Image($"{repository}:{tag}")) with { Content = UploadContent.Of(tar) };
        string? id = null;
        await foreach (var message in FollowAsync(request, progress: null, ct))
        {
            id = message.Status?.StartsWith("sha256:", StringComparison.Ordinal) is true ? message.Status : id;
        }

        return id ?? throw EngineProblems.OfStream(request.About, "the import ended without an image").AsException();
    }

    private async IAsyncEnumerable<ProgressWire> FollowAsync(EngineRequest request, IProgress<PullProgress>? progress, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var message in _connection.StreamAsync(request, DockerJson.Default.ProgressWire, ct))
        {
            if (message.Failure is { } failure)
            {
                throw EngineProblems.OfStream(request.About, failure).AsException();
            }

            progress?.Report(message.ToProgress());
            yield return message;
        }
    }
}
