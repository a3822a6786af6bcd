using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Wherry.Core.Problems;

namespace Wherry.Docker.Connection;

/// <summary>The one place where the engine's failures become problems.</summary>
internal static class EngineProblems
{
    /// <summary>What a refused call means.</summary>
    /// <param name="words">The engine's own message.</param>
    public static Problem Of(Subject about, HttpStatusCode status, string words) => ByWords(about, words) ?? ByStatus(about, status, words);

    /// <summary>What a failure inside a stream means; it comes without a status.</summary>
    public static Problem OfStream(Subject about, string words) => Of(about, HttpStatusCode.InternalServerError, words);

    public static Problem Unreachable(EngineEndpoint endpoint, Exception cause) => new(
        "docker/unreachable",
        $"The Docker Engine at {endpoint} does not answer: {Innermost(cause).Message}",
        Innermost(cause) switch
        {
            SocketException { SocketErrorCode: SocketError.AccessDenied } => "Run as root or as a member of the group `docker`.",
            SocketException => "Start the engine (`systemctl start docker`), or check the address.",
            AuthenticationException => "Check that the certificates belong to this engine and have not expired.",
            _ => "The engine may be restarting; try again, then look at its log (`journalctl -u docker`).",
        });

    public static Problem TooOld(EngineEndpoint endpoint, string engineApi, string oldest) => new(
        "docker/version-too-old",
        $"The Docker Engine at {endpoint} speaks API {engineApi}; Wherry needs at least {oldest}.",
        "Upgrade the engine to Docker 20.10 or later.");

    public static Problem TooNew(EngineEndpoint endpoint, string engineOldest, string newest) => new(
        "docker/version-too-old",
        $"The Docker Engine at {endpoint} no longer speaks an API below {engineOldest}; this Wherry knows up to {newest}.",
        "Upgrade Wherry.");

    /// <summary>The connection broke while a body was being sent.</summary>
    public static Problem UploadCut(Subject about, Exception cause) => new(
        "docker/upload-cut",
        $"The engine closed the connection while data for {about} was sent: {Innermost(cause).Message}",
        "The engine's disk may be full or the engine may be restarting; see its log (`journalctl -u docker`).");

    /// <summary>Input for a command that is gone.</summary>
    public static Problem Ended(Subject about, Exception cause) => new(
        "exec/ended",
        $"The command in {about} takes no more input: {Innermost(cause).Message}",
        "It has ended; read its output and exit code.");

    private static Problem? ByWords(Subject about, string words) => words switch
    {
        _ when Says(words, "no space left on device") => new("docker/disk-full", $"The engine's disk is full; it failed on {about}: {words}", "Free space below the engine's data root (`docker system df` shows what takes it), then try again."),
        _ when Says(words, "port is already allocated", "address already in use") => new("docker/port-taken", $"A host port that {about} wants is taken: {words}", "Stop whatever listens on that port (`ss -ltnp` shows it), or publish another."),
        _ when Says(words, "address pool among the defaults", "address pools have been fully subnetted") => new("docker/address-pools", $"The engine has no address range left for {about}: {words}", "Remove networks that nobody uses (`docker network prune`), or give the engine more and smaller ranges: `default-address-pools` in /etc/docker/daemon.json, then restart it."),
        _ when Says(words, "client version") && Says(words, "too new", "too old") => new("docker/version-too-old", $"The engine was exchanged for another version: {words}", "Try again; Wherry agrees on a version anew."),
        _ when Says(words, "executable file not found", "no such file or directory: unknown") => new("docker/command-not-found", $"The command of {about} does not exist in its image: {words}", "Check the command and entrypoint, and that the image contains the program."),
        _ when Says(words, "could not select device driver", "gathering device information", "unresolvable CDI devices") => new("docker/device-missing", $"The server has no such device for {about}: {words}", "Check the device's name on the server (`ls /dev`); for GPUs install the vendor's container toolkit there, then restart the engine."),
        _ when Says(words, "logging driver does not support reading") => new("docker/logs-not-kept", $"The engine gives no output of {about} back: {words}", "Use a logging driver that can be read back, for instance `logging: { driver: local }`."),
        _ when Says(words, "does not match the specified platform") => new("image/wrong-platform", $"The engine has the image of {about} for another kind of machine than asked for: {words}", "Pull or build it for that platform (`wherry deploy --pull`), or change platform."),
        _ when about.IsImage || Says(words, "No such image", "pull access denied") => OfImage(about, words),
        _ => null,
    };

    private static Problem? OfImage(Subject about, string words) => words switch
    {
        _ when Says(words, "no basic auth credentials", "authentication required", "unauthorized", "incorrect username or password") => new("image/denied", $"The registry does not let Wherry at {about}: {words}", "Give a user name and password (or token) that may use this repository."),
        _ when Says(words, "pull access denied", "repository does not exist") => new("image/not-found", $"No registry gives out {about}: {words}", "Check its spelling; if it is private, give credentials for its registry."),
        _ when Says(words, "manifest unknown", "No such image", "reference does not exist") || (Says(words, "manifest for") && Says(words, "not found")) => new("image/not-found", $"There is no {about}: {words}", "Check its name and tag, or build or push it first."),
        _ when Says(words, "no matching manifest for") => new("image/wrong-platform", $"There is no {about} for this server's kind of processor: {words}", "Build and push it for this platform as well: `docker buildx build --platform linux/amd64,linux/arm64 --push`, or name another image."),
        _ when Says(words, "denied: ") => new("image/denied", $"The registry does not let Wherry at {about}: {words}", "Give a user name and password (or token) that may use this repository."),
        _ when Says(words, "dial tcp", "no such host", "i/o timeout", "TLS handshake", "x509:", "Client.Timeout", "server gave HTTP response", "server misbehaving", "proxyconnect") => new("image/registry-unreachable", $"The registry of {about} does not answer the engine: {words}", "Check the engine's network and DNS, and the registry's address and certificate."),
        _ => null,
    };

    private static Problem ByStatus(Subject about, HttpStatusCode status, string words) => status switch
    {
        HttpStatusCode.NotFound when about.IsImage => new("image/not-found", $"There is no {about}: {words}", "Check its name and tag, or build or pull it first."),
        HttpStatusCode.NotFound => new("docker/not-found", $"The engine misses something for {about}: {words}", "It may have been removed by somebody else; deploy again to create it anew."),
        HttpStatusCode.Conflict => new("docker/conflict", $"The present state does not allow this for {about}: {words}", "Remove or stop what is in the way, then try again."),
        >= HttpStatusCode.InternalServerError => new("docker/failed", $"The engine failed on {about}: {words}", "See the engine's log (`journalctl -u docker`)."),
        _ => new("docker/refused", $"The engine refuses this for {about}: {words}", "Change the setting that the engine names."),
    };

    private static bool Says(string words, params ReadOnlySpan<string> any)
    {
        foreach (var part in any)
        {
            if (words.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
