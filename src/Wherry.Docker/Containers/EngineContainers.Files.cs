using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

public sealed partial class EngineContainers
{
    /// <summary>Unpacks a tar into a folder of the container, running or not. Owners in the tar are kept.</summary>
    /// <param name="path">An existing folder in the container.</param>
    /// <param name="tar">Read to its end and left open.</param>
    /// <exception cref="ProblemException"><c>docker/not-found</c> when the container or the folder is missing.</exception>
    public Task PutArchiveAsync(string id, string path, Stream tar, CancellationToken ct) => _connection.SendAsync(
        new EngineRequest(HttpMethod.Put, $"{Path(id)}/archive{new Query().Add("path", path)}", Subject.Container(id)) { Content = UploadContent.Of(tar) }, ct);

    /// <summary>Opens a tar of a file or folder of the container, running or not. Dispose it.</summary>
    /// <exception cref="ProblemException"><c>docker/not-found</c> when the container or the path is missing.</exception>
    public Task<Stream> GetArchiveAsync(string id, string path, CancellationToken ct) =>
        _connection.OpenAsync(EngineRequest.Get($"{Path(id)}/archive{new Query().Add("path", path)}", Subject.Container(id)), ct);
}
