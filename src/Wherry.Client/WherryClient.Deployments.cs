using System.Net.Http.Headers;

namespace Wherry.Client;

public sealed partial class WherryClient
{
    /// <summary>Queues a deployment and returns at once; follow it with <see cref="DeploymentLogAsync"/>.</summary>
    public Task<Deployment> DeployAsync(string project, string environment, DeployRequest request, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/deployments", request, J.DeployRequest, () => J.Deployment, cancellationToken);

    /// <summary>What <see cref="DeployAsync"/> would do; changes nothing.</summary>
    public Task<DeployPlan> PlanAsync(string project, string environment, DeployRequest request, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/plan", request, J.DeployRequest, () => J.DeployPlan, cancellationToken);

    /// <summary>Sends a folder as a tar stream, to be deployed by its id within the hour.</summary>
    public async Task<Upload> UploadAsync(string project, string environment, Func<Stream, CancellationToken, Task> writeTar, CancellationToken cancellationToken)
    {
        using var body = new TarContent(writeTar);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        using var response = await SendAsync(HttpMethod.Post, $"{At(project, environment)}/uploads", body, cancellationToken);
        return await ReadAsync(response, J.Upload, cancellationToken);
    }

    /// <summary>Deployments of an environment, newest first.</summary>
    public Task<IReadOnlyList<Deployment>> DeploymentsAsync(string project, string environment, CancellationToken cancellationToken) =>
        GetAsync($"{At(project, environment)}/deployments", () => J.IReadOnlyListDeployment, cancellationToken);

    public Task<Deployment> DeploymentAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"/api/v1/deployments/{Uri.EscapeDataString(id)}", () => J.Deployment, cancellationToken);

    /// <summary>Ends a deployment before it is done; returns at once.</summary>
    public Task<Deployment> CancelDeploymentAsync(string id, CancellationToken cancellationToken) => ActAsync(id, "cancel", cancellationToken);

    /// <summary>Lets a deployment place nothing more until it is resumed.</summary>
    public Task<Deployment> PauseDeploymentAsync(string id, CancellationToken cancellationToken) => ActAsync(id, "pause", cancellationToken);

    public Task<Deployment> ResumeDeploymentAsync(string id, CancellationToken cancellationToken) => ActAsync(id, "resume", cancellationToken);

    /// <summary>Lets a deployment go on that waits for the promotion of its canaries.</summary>
    /// <param name="id">Which one.</param>
    /// <param name="full">All stages at once. Default: to the next one.</param>
    /// <param name="cancellationToken">Cancels the asking only.</param>
    public Task<Deployment> PromoteAsync(string id, bool full, CancellationToken cancellationToken) => ActAsync(id, full ? "promote?full=true" : "promote", cancellationToken);

    /// <inheritdoc cref="PromoteAsync(string, bool, CancellationToken)"/>
    public Task<Deployment> PromoteAsync(string id, CancellationToken cancellationToken) => PromoteAsync(id, false, cancellationToken);

    /// <summary>Releases of an environment, newest first.</summary>
    public Task<IReadOnlyList<Release>> ReleasesAsync(string project, string environment, CancellationToken cancellationToken) =>
        GetAsync($"{At(project, environment)}/releases", () => J.IReadOnlyListRelease, cancellationToken);

    /// <summary>What an environment runs, as a Compose file without values of secrets.</summary>
    public Task<ComposeModel> ComposeModelAsync(string project, string environment, CancellationToken cancellationToken) =>
        GetAsync($"{At(project, environment)}/compose", () => J.ComposeModel, cancellationToken);

    public Task<Deployment> RollbackAsync(string project, string environment, RollbackRequest request, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/rollback", request, J.RollbackRequest, () => J.Deployment, cancellationToken);

    private Task<Deployment> ActAsync(string id, string verb, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Post, $"/api/v1/deployments/{Uri.EscapeDataString(id)}/{verb}", null, () => J.Deployment, cancellationToken);

    private sealed class TarContent(Func<Stream, CancellationToken, Task> write) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => write(stream, CancellationToken.None); // HttpClient calls the overload below

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context, CancellationToken cancellationToken) => write(stream, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
