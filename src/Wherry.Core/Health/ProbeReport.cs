using System.Globalization;
using System.Text.Json.Serialization;

namespace Wherry.Core.Health;

/// <summary>What the last probe of one target found, when it was not well.</summary>
/// <param name="Target">Id of the target.</param>
/// <param name="Asked">What was asked: <c>GET http://172.18.0.4:3000/up</c>, or <c>connect to 172.18.0.4:3000</c>.</param>
/// <param name="Host"><c>Host</c> header of the probe.</param>
/// <param name="Status">Status of the answer; <see langword="null"/> when there was none.</param>
/// <param name="Said">The status line, or why there was no answer.</param>
/// <param name="Body">How the answer's body begins; empty when there is none.</param>
public sealed record ProbeReport(string Target, DateTimeOffset At, string Asked, string Host, int? Status, string Said, string Body, TimeSpan Took)
{
    /// <summary>What is said of a port at which nobody listens.</summary>
    public const string Refused = "connection refused";

    [JsonIgnore]
    public bool WasRefused => Said == Refused;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"last probe at {At.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}Z: {Asked}: {Said} after {Took.TotalMilliseconds:0} ms{(Status is null ? "" : Body.Length == 0 ? ", empty body" : $": {Body}")}");
}
