using Wherry.Core.Problems;

namespace Wherry.Core.Health;

/// <summary>Why an answer to the edge's probe is not good enough.</summary>
internal static class AnswerCause
{
    public static Problem Of(Findings seen, ProbeReport probe, int status) => new(
        "health/probe-status",
        $"{seen.Name} answers its health check with {probe.Said} ({probe.Asked}).",
        $"{Advice(status, probe)} Then deploy again; what served before serves on.");

    private static string Advice(int status, ProbeReport probe) => status switch
    {
        404 or 405 => "It has no such page: name one that answers GET with 2xx in `x-wherry.health.path`, or add it.",
        401 or 403 => "The page of the health check has to answer without signing in: name another in `x-wherry.health.path`, or open this one.",
        400 or 421 => $"It may not accept the host {probe.Host}: allow it there (`ALLOWED_HOSTS` or the like), or name one that it accepts in `x-wherry.health.host`.",
        429 => "It limits the requests of the probe: leave the page of the health check out of the limit.",
        >= 500 => "Its log and the answer's body say why: mend that. A variable or a service that it needs may be missing.",
        _ => "The probe wants 2xx or 3xx: name such a page in `x-wherry.health.path`.",
    };
}
