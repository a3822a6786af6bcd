using System.Text;
using Wherry.Compose.Writing;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>What is kept: claims for named volumes, and the project's Secret.</summary>
internal static class StoredWriter
{
    private const string Size = "10Gi";

    /// <summary>What stands for a value that is not told. Nothing works with it, which is seen at once.</summary>
    private const string Unknown = "REPLACE-ME";

    public static IEnumerable<YamlMapping> Claims(KubernetesContext context, IReadOnlyList<ExportedService> services)
    {
        var names = services.SelectMany(s => s.Volumes).Select(m => m.Source!).Distinct().Order(StringComparer.Ordinal).ToList();
        if (names.Count > 0)
        {
            context.Losses.Add($"volumes are claims of {Size} each: set what they need, and a storage class. They are empty: move the data (docs/operate/kubernetes.md), and what Docker copies into a new volume from the image is not there");
        }

        foreach (var name in names)
        {
            var volume = context.Model.Volumes.GetValueOrDefault(name);
            if (volume is { External: true })
            {
                context.Losses.Add($"the volume {name} is made by somebody else: the claim {context.Names.Claim(name)} has to be there");
                continue;
            }

            if (volume is { Driver: not (null or "local") } or { DriverOptions.Count: > 0 })
            {
                context.Losses.Add($"the volume {name} has driver options, which a storage class says in a cluster");
            }

            var isShared = services.Where(s => s.Volumes.Any(m => m.Source == name)).Sum(s => Math.Max(1, s.Spec.Replicas)) > 1;
            if (isShared)
            {
                context.Losses.Add($"the volume {name} is used by several pods: it needs a storage class that many nodes may write to");
            }

            yield return ExportedService.Object("v1", "PersistentVolumeClaim", new()
            {
                ["name"] = context.Names.Claim(name),
                ["labels"] = new YamlMapping { ["app.kubernetes.io/part-of"] = context.Names.Project },
            }, new()
            {
                ["accessModes"] = new YamlSequence([isShared ? "ReadWriteMany" : "ReadWriteOnce"]),
                ["resources"] = new YamlMapping { ["requests"] = new YamlMapping { ["storage"] = Size } },
            });
        }
    }

    /// <summary>All variables that are secret, and files with one of them in it.</summary>
    public static YamlMapping? Secret(KubernetesContext context)
    {
        if (context.Secrets.Count == 0)
        {
            return null;
        }

        var (texts, bytes) = (new YamlMapping(), new YamlMapping());
        foreach (var name in context.Secrets.Keys)
        {
            if (context.Wish.Secrets?.GetValueOrDefault(name) is not { } value)
            {
                texts[name] = Unknown;
            }
            else if (Array.TrueForAll(value, b => b is >= 0x20 and < 0x7f or (byte)'\n' or (byte)'\t'))
            {
                texts[name] = Encoding.UTF8.GetString(value);
            }
            else
            {
                bytes[name] = Convert.ToBase64String(value);
            }
        }

        foreach (var (key, text) in context.Composed)
        {
            texts[key] = SecretMark.Replace(text, name => context.Wish.Secrets?.GetValueOrDefault(name) is { } value ? Encoding.UTF8.GetString(value) : $"{Unknown}:{name}");
        }

        return new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new YamlMapping { ["name"] = context.Names.Secret, ["labels"] = new YamlMapping { ["app.kubernetes.io/part-of"] = context.Names.Project } },
            ["type"] = "Opaque",
            ["data"] = bytes.OrNothing(),
            ["stringData"] = texts.OrNothing(),
        };
    }
}
