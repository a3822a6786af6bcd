using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Cli.Supervision;

/// <summary>The engine that <c>DOCKER_HOST</c> names, else the one on this machine.</summary>
internal static class LocalEngine
{
    public static Engine Open(string? host = null) =>
        new(EngineEndpoint.Parse(host ?? (Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } named ? named : "unix:///var/run/docker.sock")));

    public static async Task<bool> AnswersAsync(CancellationToken ct)
    {
        using var engine = Open();
        try
        {
            return await engine.AnswersAsync(ct);
        }
        catch (ProblemException)
        {
            return false;
        }
    }
}
