using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Docker;

/// <summary>Settings that an engine has only from some version of its API on. An older one would leave them out without a word.</summary>
public static class EngineAbilities
{
    private static readonly Version Annotations = new(1, 43);
    private static readonly Version StartIntervals = new(1, 44);
    private static readonly Version NamedDevices = new(1, 44);
    private static readonly Version Recursion = new(1, 44);
    private static readonly Version Subpaths = new(1, 45);

    /// <summary>The first setting of a service that this engine cannot honour.</summary>
    public static Problem? Missing(ServiceSpec spec, EngineVersion engine)
    {
        var used = Version.Parse(engine.UsedApi);
        (string Setting, bool Asked, Version Since, string Release)[] settings =
        [
            ("annotations", spec.Annotations is not null, Annotations, "24"),
            ("devices by name (CDI)", spec.Sharing?.DeviceRequests?.Any(d => d.Driver == "cdi") is true, NamedDevices, "25"),
            ("bind.recursive", spec.Mounts.Any(m => m.Options?.Recursive is "writable" or "readonly"), Recursion, "25"),
            ("volume.subpath", spec.Mounts.Any(m => m.Options?.Subpath is not null), Subpaths, "26"),
        ];
        return settings.Where(s => s.Asked && used < s.Since)
            .Select(s => new Problem(
                "docker/setting-too-new",
                $"{spec.Name} asks for {s.Setting}, which the Docker Engine has from API {s.Since} on; this one speaks {used}.",
                $"Upgrade the engine to Docker {s.Release} or later, or remove {s.Setting}."))
            .FirstOrDefault();
    }

    /// <summary>What this engine leaves out of a service without harm, in words.</summary>
    public static string? LeftOut(ServiceSpec spec, EngineVersion engine) => spec.Healthcheck?.StartInterval is not null && Version.Parse(engine.UsedApi) < StartIntervals
        ? $"{spec.Name}: start_interval has no effect, the Docker Engine has it from API {StartIntervals} on; the interval is used from the start"
        : null;
}
