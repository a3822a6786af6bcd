using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary>How many replicas, how large, and when they start again: <c>deploy</c> and the older keys that say the same.</summary>
internal static class ResourceReader
{
    public static Scale Read(Fields f)
    {
        var deploy = f["deploy"]?.Map();
        var limits = deploy?["resources"]?.Map();
        var limit = limits?["limits"]?.Map();
        var reservation = limits?["reservations"]?.Map();
        var scale = new Scale(
            (int)(Same(f["scale"], deploy?["replicas"], v => v.Int(0, 1000)) ?? 1),
            new(
                Same(f["cpus"], limit?["cpus"], v => v.Cores()),
                Same(f["mem_limit"], limit?["memory"], ReadMemory),
                Same(f["pids_limit"], limit?["pids"], ReadPids),
                Same(f["mem_reservation"], reservation?["memory"], ReadMemory)),
            RestartReader.Read(f["restart"], deploy?["restart_policy"]),
            UpdateConfigReader.Read(deploy?["update_config"], deploy?["rollback_config"]));
        if (deploy is not null)
        {
            PlacementReader.Check(deploy, scale.Replicas);
        }

        Close(deploy, limits, limit, reservation);
        return scale;
    }

    private static void Close(Fields? deploy, Fields? limits, Fields? limit, Fields? reservation)
    {
        _ = reservation?["devices"]; // read with the other devices
        reservation?.Ignore("cores cannot be set aside on one server; use limits", "cpus");
        reservation?.Refuse(new Dictionary<string, string> { ["generic_resources"] = "they are for a Swarm; name devices" });
        if (deploy?["mode"] is { } mode && mode.Text() is not (null or "replicated"))
        {
            mode.Wrong("compose/unsupported-key", $"the mode {mode.Shown} is not supported: a service has a number of replicas", "Use replicas.");
        }

        foreach (var fields in new[] { deploy, limits, limit, reservation })
        {
            fields?.Close();
        }
    }

    /// <summary>The value of the two keys that mean the same; they may both stand there if they agree.</summary>
    private static T? Same<T>(Field? old, Field? current, Func<Field, T?> read)
    {
        var first = old is null ? default : read(old);
        var second = current is null ? default : read(current);
        if (first is not null && second is not null && !EqualityComparer<T>.Default.Equals(first, second))
        {
            old!.Wrong($"says {old.Shown}, but {current!.Path} says {current.Shown}", "Keep one of the two keys.");
        }

        return current is null ? first : second;
    }

    /// <summary><c>0</c> is no limit.</summary>
    private static ByteSize? ReadMemory(Field field) => field.Size() is { Bytes: > 0 } size ? size : null;

    /// <summary><c>-1</c> and <c>0</c> are no limit.</summary>
    private static long? ReadPids(Field field) => field.Int(-1) is > 0 and var pids ? pids : null;
}

/// <summary>How much of a service runs.</summary>
/// <param name="Deploy">What <c>update_config</c> says; <c>x-wherry.deploy</c> goes before it.</param>
internal sealed record Scale(int Replicas, Resources Resources, RestartPolicy? Restart, DeploySpec Deploy);
