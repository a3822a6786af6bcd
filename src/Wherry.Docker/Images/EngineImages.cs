using System.Net;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>Images that one engine has.</summary>
public sealed partial class EngineImages
{
    private readonly EngineConnection _connection;

    internal EngineImages(EngineConnection connection) => _connection = connection;

    /// <summary>The image of this name or id, or <see langword="null"/> when the engine does not have it. Asks no registry.</summary>
    public async Task<ImageInfo?> FindAsync(ImageReference image, CancellationToken ct) =>
        (await _connection.FindAsync(EngineRequest.Get($"images/{image.Value}/json", Subject.Image(image.Value)) with { Accepts = [HttpStatusCode.NotFound] }, DockerJson.Default.ImageInspectWire, ct))?.ToInfo();

    /// <param name="labels">Labels that an image must carry, all of them; a <see langword="null"/> value asks for the key alone.</param>
    public async Task<IReadOnlyList<ImageSummary>> ListAsync(IReadOnlyDictionary<string, string?> labels, CancellationToken ct)
    {
        var query = new Query().Add("filters", Filters.OfLabels(labels));
        var wires = await _connection.ReadAsync(EngineRequest.Get($"images/json{query}", Subject.Engine), DockerJson.Default.IReadOnlyListImageSummaryWire, ct);
        return [.. wires.Select(w => w.ToSummary())];
    }

    /// <summary>Gives an image one more name.</summary>
    /// <param name="repository">For instance <c>registry.example.com/shop/web</c>.</param>
    public Task TagAsync(ImageReference image, string repository, string tag, CancellationToken ct) => _connection.SendAsync(
        EngineRequest.Post($"images/{image.Value}/tag{new Query().Add("repo", repository).Add("tag", tag)}", Subject.Image(image.Value)), ct);

    /// <summary>Takes a name off an image, or removes the image when it is given by id; layers that nothing else needs go too.</summary>
    /// <param name="force">Also when containers that do not run use it, or when it has several names.</param>
    /// <remarks>Idempotent: an image that is gone counts as removed.</remarks>
    /// <exception cref="ProblemException"><c>docker/conflict</c> when a container uses it.</exception>
    public Task RemoveAsync(ImageReference image, bool force, CancellationToken ct) => _connection.SendAsync(
        EngineRequest.Delete($"images/{image.Value}{new Query().Add("force", force)}", Subject.Image(image.Value)) with { Accepts = [HttpStatusCode.NotFound] }, ct);

    /// <inheritdoc cref="RemoveAsync(ImageReference, bool, CancellationToken)"/>
    public Task RemoveAsync(ImageReference image, CancellationToken ct) => RemoveAsync(image, force: false, ct);
}
