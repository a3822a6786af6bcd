namespace Wherry.Client;

/// <summary>Answer of <c>GET /api/v1/version</c>.</summary>
public sealed record ServerVersion(string Version, string Api, string? Engine, string? EngineApi);

/// <summary>Everything <c>wherry status</c> shows.</summary>
/// <param name="EdgeAddresses">Where the edge listens.</param>
/// <param name="ApiAddress">Where API and Git answer with a token; <see langword="null"/> when only the socket does.</param>
public sealed record Status(ServerVersion Server, bool EdgeAnswers, IReadOnlyList<string> EdgeAddresses, string? ApiAddress, IReadOnlyList<EnvironmentStatus> Environments)
{
    /// <summary>Where the edge listens for TLS; a server that knows none says nothing of it.</summary>
    public IReadOnlyList<string> EdgeTlsAddresses { get; set; } = [];
}

/// <param name="Deployment">The last one.</param>
public sealed record EnvironmentStatus(ProjectEnvironment Environment, IReadOnlyList<Service> Services, Deployment? Deployment);

/// <summary>One check of <c>wherry doctor</c>.</summary>
/// <param name="State"><c>ok</c>, <c>warning</c> or <c>problem</c>.</param>
/// <param name="Mend">What to do; <see langword="null"/> when all is well.</param>
public sealed record DoctorCheck(string Name, string State, string Finding, string? Mend);

/// <summary>Documentation of a problem code.</summary>
public sealed record ProblemDoc(string Code, string Text);
