using Wherry.Core.Model;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>What the objects of all services share.</summary>
internal sealed class KubernetesContext(ProjectModel model, ExportWish wish)
{
    private readonly SortedDictionary<string, SortedSet<string>> _secrets = new(StringComparer.Ordinal);

    private KubernetesNames? _names;

    public ProjectModel Model => model;

    public ExportWish Wish => wish;

    public Losses Losses { get; } = new();

    public KubernetesNames Names => _names ??= new(model, wish.Name, Losses);

    /// <summary>Services are kept apart by networks: there is more than the one that all of them join.</summary>
    public bool HasNetworks { get; } = model.Services.Values.SelectMany(s => s.Networks.Keys).Distinct().Count() > 1;

    /// <summary>Keys of the project's Secret, and what each is for.</summary>
    public IReadOnlyDictionary<string, SortedSet<string>> Secrets => _secrets;

    /// <summary>Contents that are put together with a secret, by their key in the project's Secret.</summary>
    public SortedDictionary<string, string> Composed { get; } = new(StringComparer.Ordinal);

    public int UsersOf(string volume) => model.Services.Values.Count(s => s.Mounts.Any(m => m.Kind == MountKind.Volume && m.Source == volume));

    /// <summary>Asks for a key in the project's Secret.</summary>
    public string Secret(string variable, string why)
    {
        if (!_secrets.TryGetValue(variable, out var reasons))
        {
            _secrets[variable] = reasons = new(StringComparer.Ordinal);
        }

        reasons.Add(why);
        return variable;
    }
}
