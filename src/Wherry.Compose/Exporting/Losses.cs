using Wherry.Core.Model;

namespace Wherry.Compose.Exporting;

/// <summary>Gathers what an export loses, each thing once.</summary>
internal sealed class Losses
{
    /// <summary>Keys that every format says, or tells about by itself.</summary>
    private static readonly string[] Known =
    [
        "build", "cap_add", "cap_drop", "command", "configs", "depends_on", "deploy", "entrypoint", "environment", "expose", "extra_hosts", "healthcheck", "image", "init", "labels", "networks",
        "ports", "profiles", "restart", "secrets", "shm_size", "stop_grace_period", "stop_signal", "tmpfs", "ulimits", "user", "volumes", "working_dir", "x-wherry",
    ];

    private readonly List<string> _all = [];

    public IReadOnlyList<string> All => _all;

    public void Add(ServiceSpec spec, string what) => Add($"{spec.Name}: {what}");

    public void Add(string what)
    {
        if (!_all.Contains(what))
        {
            _all.Add(what);
        }
    }

    /// <summary>Keys of the service that the format has no place for here.</summary>
    public void AddOthers(ServiceSpec spec)
    {
        var others = new Writing.ServiceWriter(spec, new()).Write().Select(e => e.Key).Except(Known).ToList();
        if (others.Count > 0)
        {
            Add(spec, $"leaves out {string.Join(", ", others)}");
        }
    }

    /// <summary>What only Wherry does for a service, whatever the format.</summary>
    /// <param name="except">Keys of <c>x-wherry</c> that the format can say.</param>
    public void AddWherry(ServiceSpec spec, params ReadOnlySpan<string> except)
    {
        List<string> keys = [];
        foreach (var key in Writing.WherryKeys.Of(spec))
        {
            if (!except.Contains(key))
            {
                keys.Add(key);
            }
        }

        if (keys.Count > 0)
        {
            Add(spec, $"nobody heeds {string.Join(", ", keys)} of x-wherry");
        }
    }
}
