namespace Wherry.Client;

public sealed partial class WherryClient
{
    private static readonly ClientJson J = ClientJson.Default;

    public Task<ServerVersion> VersionAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/version", () => J.ServerVersion, cancellationToken);

    public Task<Status> StatusAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/status", () => J.Status, cancellationToken);

    public Task<IReadOnlyList<DoctorCheck>> DoctorAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/doctor", () => J.IReadOnlyListDoctorCheck, cancellationToken);

    public Task<IReadOnlyList<Project>> ProjectsAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/projects", () => J.IReadOnlyListProject, cancellationToken);

    /// <summary>Makes a project; one that exists already is <c>project/exists</c>.</summary>
    public Task<Project> CreateProjectAsync(CreateProject request, CancellationToken cancellationToken) =>
        PostAsync("/api/v1/projects", request, J.CreateProject, () => J.Project, cancellationToken);

    /// <summary>Removes a project with its environments, containers, networks, images and repository.</summary>
    /// <param name="volumes">Remove its volumes too: the data is gone.</param>
    public Task RemoveProjectAsync(string project, bool volumes, CancellationToken cancellationToken) =>
        DeleteAsync($"/api/v1/projects/{Uri.EscapeDataString(project)}?volumes={(volumes ? "true" : "false")}", cancellationToken);

    /// <summary>Lets services of a project reach out of their containers in one way. Idempotent.</summary>
    public Task AllowAsync(string project, string capability, CancellationToken cancellationToken) => PutAsync(Capability(project, capability), cancellationToken);

    /// <summary>Takes that away from the next deployment on. Idempotent.</summary>
    public Task ForbidAsync(string project, string capability, CancellationToken cancellationToken) => DeleteAsync(Capability(project, capability), cancellationToken);

    public Task<IReadOnlyList<ProjectEnvironment>> EnvironmentsAsync(string project, CancellationToken cancellationToken) =>
        GetAsync($"/api/v1/projects/{Uri.EscapeDataString(project)}/environments", () => J.IReadOnlyListProjectEnvironment, cancellationToken);

    public Task<ProjectEnvironment> CreateEnvironmentAsync(string project, CreateEnvironment request, CancellationToken cancellationToken) =>
        PostAsync($"/api/v1/projects/{Uri.EscapeDataString(project)}/environments", request, J.CreateEnvironment, () => J.ProjectEnvironment, cancellationToken);

    /// <summary>Removes an environment with its containers, networks and releases.</summary>
    /// <param name="volumes">Remove its volumes too: the data is gone.</param>
    public Task RemoveEnvironmentAsync(string project, string environment, bool volumes, CancellationToken cancellationToken) =>
        DeleteAsync($"{At(project, environment)}?volumes={(volumes ? "true" : "false")}", cancellationToken);

    /// <summary>Locks an environment; one that somebody locked already is <c>environment/locked</c>.</summary>
    public Task<ProjectEnvironment> LockAsync(string project, string environment, TakeLock request, CancellationToken cancellationToken) =>
        PostAsync($"{At(project, environment)}/lock", request, J.TakeLock, () => J.ProjectEnvironment, cancellationToken);

    /// <summary>Ends an environment's lock, whoever holds it. Idempotent.</summary>
    public Task<ProjectEnvironment> UnlockAsync(string project, string environment, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Delete, $"{At(project, environment)}/lock", null, () => J.ProjectEnvironment, cancellationToken);

    public Task<IReadOnlyList<Token>> TokensAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/tokens", () => J.IReadOnlyListToken, cancellationToken);

    public Task<TokenCreated> CreateTokenAsync(CreateToken request, CancellationToken cancellationToken) =>
        PostAsync("/api/v1/tokens", request, J.CreateToken, () => J.TokenCreated, cancellationToken);

    /// <summary>Revokes a token, by id or name; it stops working at once.</summary>
    public Task RevokeTokenAsync(string token, CancellationToken cancellationToken) => DeleteAsync($"/api/v1/tokens/{Uri.EscapeDataString(token)}", cancellationToken);

    private static string At(string project, string environment) =>
        $"/api/v1/projects/{Uri.EscapeDataString(project)}/environments/{Uri.EscapeDataString(environment)}";

    private static string Capability(string project, string capability) => $"/api/v1/projects/{Uri.EscapeDataString(project)}/capabilities/{Uri.EscapeDataString(capability)}";
}
