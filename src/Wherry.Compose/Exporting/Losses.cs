using Wherry.Core.Model;

namespace Wherry.Compose.Exporting;

/// <summary>Gathers what an export loses, each thing once.</summary>
internal sealed class Losses
{
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
