namespace Wherry.Server.Events;

/// <summary>What the server itself records. <c>docs/event.md</c> describes each; a test compares the two.</summary>
internal static class EventKinds
{
    public const string CapabilityAllowed = "capability/allowed";
    public const string CapabilityForbidden = "capability/forbidden";
    public const string CertificateAdded = "certificate/added";
    public const string CertificateExpired = "certificate/expired";
    public const string CertificateExpiring = "certificate/expiring";
    public const string CertificateFailing = "certificate/failing";
    public const string CertificateKeyRolled = "certificate/key-rolled";
    public const string CertificateOk = "certificate/ok";
    public const string CertificateRemoved = "certificate/removed";
    public const string DeploymentAborted = "deployment/aborted";
    public const string DeploymentQueued = "deployment/queued";
    public const string DeploymentStarted = "deployment/started";
    public const string DeploymentFinished = "deployment/finished";
    public const string DeploymentFailed = "deployment/failed";
    public const string DeploymentCancelled = "deployment/cancelled";
    public const string DeploymentPromoted = "deployment/promoted";
    public const string DeploymentShifted = "deployment/shifted";
    public const string DeploymentSuperseded = "deployment/superseded";
    public const string DiskLow = "disk/low";
    public const string DiskOk = "disk/ok";
    public const string EnvironmentCreated = "environment/created";
    public const string EnvironmentRemoved = "environment/removed";
    public const string LockTaken = "lock/taken";
    public const string LockReleased = "lock/released";
    public const string MaintenanceOn = "maintenance/on";
    public const string MaintenanceOff = "maintenance/off";
    public const string PauseOn = "pause/on";
    public const string PauseOff = "pause/off";
    public const string ProjectCreated = "project/created";
    public const string ProjectRemoved = "project/removed";
    public const string ReplicaAdopted = "replica/adopted";
    public const string ReplicaCrashLooping = "replica/crash-looping";
    public const string ReplicaDied = "replica/died";
    public const string ReplicaReplaced = "replica/replaced";
    public const string ReplicaSteady = "replica/steady";
    public const string SecretSet = "secret/set";
    public const string ServerStarted = "server/started";
    public const string ServerStopped = "server/stopped";
    public const string ServiceScaled = "service/scaled";
    public const string TokenMade = "token/made";
    public const string TokenRevoked = "token/revoked";
    public const string VariableSet = "variable/set";
    public const string VariableRemoved = "variable/removed";
}
