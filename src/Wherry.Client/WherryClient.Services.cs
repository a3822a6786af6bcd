namespace Wherry.Client;

public sealed partial class WherryClient
{
    /// <summary>What each service's traffic added up to since the edge started; of services with routes.</summary>
    public Task<IReadOnlyList<Traffic>> TrafficAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/traffic", () => J.IReadOnlyListTraffic, cancellationToken);

    public Task<IReadOnlyList<Service>> ServicesAsync(string project, string environment, CancellationToken cancellationToken) =>
        GetAsync($"{At(project, environment)}/services", () => J.IReadOnlyListService, cancellationToken);

    public Task<Deployment> ScaleAsync(string project, string environment, ScaleRequest request, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/scale", request, J.ScaleRequest, () => J.Deployment, cancellationToken);

    /// <summary>Stops replicas without removing the environment; a stopped one is a no-op.</summary>
    public Task<Deployment> StopAsync(string project, string environment, ServicesRequest request, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/stop", request, J.ServicesRequest, () => J.Deployment, cancellationToken);

    /// <summary>Starts what was stopped, without building; a running one is a no-op.</summary>
    public Task<Deployment> StartAsync(string project, string environment, ServicesRequest request, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/start", request, J.ServicesRequest, () => J.Deployment, cancellationToken);

    /// <summary>Replaces every replica by a new one of the same release, without dropping a request and without building.</summary>
    public Task<Deployment> RestartAsync(string project, string environment, ServicesRequest request, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/restart", request, J.ServicesRequest, () => J.Deployment, cancellationToken);

    /// <summary>What runs differs from what should; looks before it answers.</summary>
    /// <param name="project">Only this project's; <see langword="null"/> is all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<Drift>> DriftAsync(string? project, CancellationToken cancellationToken) =>
        GetAsync(project is null ? "/api/v1/drift" : $"/api/v1/drift?project={Uri.EscapeDataString(project)}", () => J.IReadOnlyListDrift, cancellationToken);

    /// <summary>Makes an environment as it should be.</summary>
    public Task<Deployment> RevertDriftAsync(string project, string environment, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/drift/revert", new ServicesRequest(), J.ServicesRequest, () => J.Deployment, cancellationToken);

    /// <summary>Takes over how many replicas run and what is stopped.</summary>
    /// <returns>What was taken over, for a person.</returns>
    public Task<IReadOnlyList<string>> AdoptDriftAsync(string project, string environment, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/drift/adopt", new ServicesRequest(), J.ServicesRequest, () => J.IReadOnlyListString, cancellationToken);

    public Task MaintenanceAsync(string project, string environment, SetMaintenance request, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/maintenance", request, J.SetMaintenance, cancellationToken);

    public Task PauseAsync(string project, string environment, SetPause request, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/pause", request, J.SetPause, cancellationToken);

    /// <summary>Variables and secrets of an environment; the values of secrets are never among the answer.</summary>
    public Task<IReadOnlyList<Variable>> VariablesAsync(string project, string environment, CancellationToken cancellationToken) =>
        GetAsync($"{At(project, environment)}/variables", () => J.IReadOnlyListVariable, cancellationToken);

    public Task<VariablesChanged> ChangeVariablesAsync(string project, string environment, ChangeVariables request, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/variables", request, J.ChangeVariables, () => J.VariablesChanged, cancellationToken);
}
