using Wherry.Core.Model;

namespace Wherry.Compose;

/// <summary>Models for projects that came without a Compose file: one service named <c>web</c>.</summary>
public static class ComposeDefaults
{
    /// <summary>The service's name.</summary>
    public static ServiceName Web { get; } = ServiceName.Parse("web");

    /// <summary>Builds the Dockerfile at the source's root.</summary>
    /// <param name="host">Host of the one route; <see langword="null"/> answers for every host that nobody else claims.</param>
    /// <param name="port">Container port of the route, 1-65535; <see langword="null"/> makes a service without a route.</param>
    public static ProjectModel ForDockerfile(ProjectName name, HostName? host, int? port) =>
        Model(name, new() { Name = Web, Build = new() }, host, port);

    /// <summary>Runs an image as it is.</summary>
    /// <inheritdoc cref="ForDockerfile"/>
    public static ProjectModel ForImage(ProjectName name, ImageReference image, HostName? host, int? port) =>
        Model(name, new() { Name = Web, Image = image }, host, port);

    private static ProjectModel Model(ProjectName name, ServiceSpec service, HostName? host, int? port)
    {
        var web = service with
        {
            Networks = new SortedDictionary<string, NetworkAttachment>(StringComparer.Ordinal) { ["default"] = new([]) },
            Expose = port is { } exposed ? [new(exposed, "tcp")] : [],
            Routes = port is { } taken ? [new(host, PathPrefix.Root, taken)] : [],
        };
        return new()
        {
            Name = name,
            Services = new Dictionary<ServiceName, ServiceSpec> { [Web] = web },
            Networks = new SortedDictionary<string, NetworkSpec>(StringComparer.Ordinal) { ["default"] = new() },
        };
    }
}
