using System.Text;
using Wherry.Compose.Writing;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>A project as Kubernetes manifests, for a namespace of its own.</summary>
public static class KubernetesExport
{
    public static Exported Of(ProjectModel model, ExportWish wish)
    {
        var context = new KubernetesContext(model, wish);
        List<ExportedService> services = [.. model.Services.OrderBy(s => s.Key.Value, StringComparer.Ordinal).Select(s => new ExportedService(s.Value, context))];
        var names = services.Select(s => s.Name).ToHashSet();
        List<YamlMapping> documents = [.. StoredWriter.Claims(context, services)];
        foreach (var service in services)
        {
            var storage = new PodStorage(service);
            documents.AddRange(storage.ConfigMap is { } map ? [map] : []);
            documents.AddRange(WorkloadWriter.Write(service, storage));
            documents.AddRange(ReachWriter.Write(service, names));
            context.Losses.AddOthers(service.Spec);
            context.Losses.AddWherry(service.Spec, "routes", "tcp", "tls", "health", "deploy", "release", "source");
        }

        documents.AddRange(PolicyWriter.Write(context, services));
        List<WantedVariable> variables = [.. context.Secrets.Select(s => new WantedVariable(s.Key, string.Join(", ", s.Value), ""))];
        List<ExportedFile> files = [new("manifests.yaml", Text(YamlText.Write(documents, ExportHead.Lines("kubernetes", wish, context.Losses.All, variables))))];
        if (StoredWriter.Secret(context) is { } secret)
        {
            IReadOnlyList<string> head = wish.WithSecrets ? ["Values of secrets. Keep this file to yourself."] : ["Put the values in and apply it first. Keep this file to yourself."];
            files.Add(new("secrets.yaml", Text(YamlText.Write(secret, head)), IsSecret: true));
        }

        return new(files, context.Losses.All, variables);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
