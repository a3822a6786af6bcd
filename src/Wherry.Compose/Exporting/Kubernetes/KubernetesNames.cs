using Wherry.Core.Model;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>Names that Kubernetes takes: lower-case letters, digits and dashes, at most 63, each once.</summary>
internal sealed class KubernetesNames
{
    private readonly Dictionary<ServiceName, string> _services = [];

    public KubernetesNames(ProjectModel model, string project, Losses losses)
    {
        Project = DnsLabel.Of(project);
        var taken = new HashSet<string>();
        foreach (var name in model.Services.Keys.OrderBy(n => n.Value, StringComparer.Ordinal))
        {
            var label = DnsLabel.Of(name.Value);
            for (var i = 2; !taken.Add(label); i++)
            {
                label = $"{DnsLabel.Of(name.Value)}-{Writing.TextForm.Of(i)}";
            }

            _services[name] = label;
            if (label != name.Value)
            {
                losses.Add($"{name} is called {label}: who asks for http://{name} must ask for {label}");
            }
        }
    }

    /// <summary>Prefix of what belongs to no service alone.</summary>
    public string Project { get; }

    public string Secret => $"{Project}-secrets";

    public string this[ServiceName service] => _services[service];

    public string Claim(string volume) => $"{Project}-{DnsLabel.Of(volume)}";

    public static string NetworkLabel(string network) => $"wherry.network/{DnsLabel.Of(network)}";

    /// <summary>A key of a ConfigMap, made from the last part of a path.</summary>
    public static string Key(string path)
    {
        var key = string.Concat(path[(path.LastIndexOf('/') + 1)..].Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '_'));
        return key is "" or "." or ".." ? "file" : key.Length > 200 ? key[..200] : key;
    }
}
