using System.Text.Json.Serialization;

namespace Wherry.Client;

/// <summary>A service of an environment as it runs now.</summary>
/// <param name="Wanted">Replicas that should run.</param>
/// <param name="State"><c>running</c>, <c>degraded</c>, <c>crash-looping</c>, <c>completed</c>, <c>stopped</c>, <c>paused</c> or <c>maintenance</c>.</param>
/// <param name="Routes">Addresses that lead here.</param>
public sealed record Service(string Name, string Image, int Wanted, string State, IReadOnlyList<string> Routes, IReadOnlyList<Replica> Replicas);

/// <summary>One running container of a service.</summary>
/// <param name="State">The engine's word: <c>running</c>, <c>exited</c>, …</param>
/// <param name="Health"><c>healthy</c>, <c>unhealthy</c>, <c>starting</c>, <c>draining</c> or <c>none</c>; for a routed service the edge's opinion.</param>
public sealed record Replica(string Id, string Name, int Number, int Release, string State, string Health, DateTimeOffset? StartedAt);

/// <param name="Replicas">New count per service.</param>
public sealed record ScaleRequest([property: JsonRequired] IReadOnlyDictionary<string, int> Replicas);

/// <param name="Services">Default: all of the environment.</param>
public sealed record ServicesRequest(IReadOnlyList<string>? Services = null);

/// <summary>Turns maintenance on or off.</summary>
/// <param name="Message">Shown to visitors.</param>
/// <param name="Allow">Addresses and networks that get the service all the same.</param>
/// <param name="Until">When it ends by itself. Default: when it is turned off.</param>
public sealed record SetMaintenance(bool On, string? Message = null, IReadOnlyList<string>? Services = null, IReadOnlyList<string>? Allow = null, DateTimeOffset? Until = null);

/// <summary>Holds requests, or lets them go.</summary>
/// <param name="MaxWaitSeconds">Longest time one request is held. Default 30.</param>
/// <param name="Allow">Addresses and networks whose requests go on.</param>
/// <param name="Until">When the service resumes by itself. Default: when it is told to.</param>
public sealed record SetPause(bool On, int? MaxWaitSeconds = null, IReadOnlyList<string>? Services = null, IReadOnlyList<string>? Allow = null, DateTimeOffset? Until = null);

/// <summary>First message of a <c>run</c> or <c>exec</c> session.</summary>
/// <param name="Variables">Only for this command; they win over everything.</param>
/// <param name="Replica">Number of the replica to execute in. Default: the lowest that runs. Not for <c>run</c>.</param>
public sealed record ExecRequest([property: JsonRequired] IReadOnlyList<string> Command, IReadOnlyDictionary<string, string>? Variables = null, bool Tty = false, bool Input = false, int Columns = 80, int Rows = 24, int? Replica = null, string? User = null, string? WorkingDir = null);
