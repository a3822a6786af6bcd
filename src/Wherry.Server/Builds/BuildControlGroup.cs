using System.Globalization;
using Wherry.Core.Model;

namespace Wherry.Server.Builds;

/// <summary>The control group that the engine's BuildKit runs build steps in, as files below <c>/sys/fs/cgroup</c>.</summary>
/// <remarks>The engine's API has no limits for BuildKit: it takes <c>memory</c>, <c>cpuquota</c> and <c>cgroupparent</c> and heeds none of them. But all steps run below
/// one group that nobody else uses, and a limit on that holds for them together. With the systemd driver each step has a group of its own instead, beside the others.</remarks>
internal sealed class BuildControlGroup(string root, string group)
{
    private readonly string _group = group.Trim('/');
    private const string Unlimited = "-1";
    private const int PeriodMicroseconds = 100_000;

    private bool IsUnified => File.Exists(Path.Combine(root, "cgroup.controllers"));

    /// <summary>Limits all build steps, those that run and those to come.</summary>
    /// <returns>Whether anything could be limited.</returns>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public bool Limit(double? cpus, ByteSize? memory)
    {
        var groups = Groups(make: true);
        foreach (var folder in groups)
        {
            Write(folder, cpus, memory);
        }

        return groups.Count > 0;
    }

    /// <summary>Takes the limits off again: builds of others are none of Wherry's business.</summary>
    public void Lift()
    {
        foreach (var folder in Groups(make: false))
        {
            Write(folder, null, null);
        }
    }

    /// <summary>How often a build step met its memory limit, or was killed by it, since the group was made. Only growth means something.</summary>
    public long MemoryFailures() => Groups(make: false).Sum(folder => IsUnified ? Counter(Path.Combine(folder.Memory, "memory.events"), "oom_kill ") : Counter(Path.Combine(folder.Memory, "memory.failcnt"), ""));

    private void Write((string Cpu, string Memory) folder, double? cpus, ByteSize? memory)
    {
        var quota = cpus is { } c ? ((long)(c * PeriodMicroseconds)).ToString(CultureInfo.InvariantCulture) : null;
        var bytes = memory?.Bytes.ToString(CultureInfo.InvariantCulture);
        if (IsUnified)
        {
            Put(folder.Cpu, "cpu.max", $"{quota ?? "max"} {PeriodMicroseconds}");
            Put(folder.Cpu, "cpu.weight", quota is null ? "100" : "12"); // in the proportion of the shares
            Put(folder.Memory, "memory.max", bytes ?? "max");
        }
        else
        {
            Put(folder.Cpu, "cpu.cfs_quota_us", quota ?? Unlimited);
            Put(folder.Cpu, "cpu.shares", quota is null ? "1024" : BuildLimits.Shares.ToString(CultureInfo.InvariantCulture));
            Put(folder.Memory, "memory.limit_in_bytes", bytes ?? Unlimited);
        }
    }

    private static void Put(string folder, string file, string value)
    {
        var path = Path.Combine(folder, file);
        if (File.Exists(path))
        {
            File.WriteAllText(path, value);
        }
    }

    /// <summary>Folders with the files: one, or with the systemd driver one per step that runs.</summary>
    private List<(string Cpu, string Memory)> Groups(bool make)
    {
        var (cpu, memory) = IsUnified ? (root, root) : (Path.Combine(root, "cpu"), Path.Combine(root, "memory"));
        if (!Directory.Exists(cpu) || !Directory.Exists(memory))
        {
            return [];
        }

        var common = (Cpu: Path.Combine(cpu, _group), Memory: Path.Combine(memory, _group));
        if (make && Directory.Exists(Path.Combine(cpu, _group.Split('/')[0])))
        {
            Directory.CreateDirectory(common.Cpu);
            Directory.CreateDirectory(common.Memory);
        }

        var steps = new[] { cpu, Path.Combine(cpu, "system.slice") }.Where(Directory.Exists)
            .SelectMany(at => Directory.EnumerateDirectories(at, "*.slice:docker:*"))
            .Select(step => (step, Path.Combine(memory, Path.GetRelativePath(cpu, step))));
        return [.. Directory.Exists(common.Cpu) && Directory.Exists(common.Memory) ? [common] : Array.Empty<(string, string)>(), .. steps];
    }

    private static long Counter(string file, string name)
    {
        try
        {
            var line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(name.Length), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // the step ended in between
        }
    }
}
