using System.Text.Json.Serialization;

namespace Wherry.Client;

/// <summary>A project of the team.</summary>
/// <param name="Environments">Names of its environments; <c>production</c> first.</param>
public sealed record Project(string Name, DateTimeOffset CreatedAt, IReadOnlyList<string> Environments)
{
    /// <summary>Capabilities that it was allowed: ways for its services to reach out of their containers.</summary>
    public IReadOnlyList<string> Allowed { get; set; } = [];
}

/// <summary>Makes a project with the environment <c>production</c>.</summary>
public sealed record CreateProject([property: JsonRequired] string Name);

/// <summary>One running instance of a project.</summary>
/// <param name="Branch">A push to this branch of the project's repository deploys here; <see langword="null"/>: no push does.</param>
/// <param name="CurrentRelease">Number of the release that serves; <see langword="null"/> before the first deployment.</param>
/// <param name="Stopped">Stopped by hand; it stays stopped until it is started.</param>
public sealed record ProjectEnvironment(string Project, string Name, string? Branch, int? CurrentRelease, bool Stopped, DateTimeOffset CreatedAt)
{
    /// <summary>What holds changes back; <see langword="null"/>: nothing does.</summary>
    public EnvironmentLock? Lock { get; init; }
}

/// <summary>What a lock holds back.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LockScope>))]
public enum LockScope
{
    /// <summary>Deploys of pushes: they are stored and not deployed.</summary>
    Pushes,

    /// <summary>Every deploy, rollback, scaling and change of variables, of anybody.</summary>
    Everything,
}

/// <summary>A lock of an environment.</summary>
/// <param name="Holder">Name of the token that took it, or <c>socket</c>.</param>
public sealed record EnvironmentLock(LockScope Scope, string Holder, string? Message, DateTimeOffset Since);

/// <param name="Message">For those who are held back: one line.</param>
public sealed record TakeLock(string? Message = null, LockScope Scope = LockScope.Everything);

/// <summary>Makes an environment in a project.</summary>
/// <param name="Branch">Default: the environment's name; for <c>production</c>: <c>main</c>.</param>
public sealed record CreateEnvironment([property: JsonRequired] string Name, string? Branch = null);
