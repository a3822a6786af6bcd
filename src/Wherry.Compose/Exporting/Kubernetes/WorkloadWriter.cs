using Wherry.Compose.Writing;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>What runs a service's pods: a Deployment, a StatefulSet for one with a volume of its own, or a Job for one that ends.</summary>
internal static class WorkloadWriter
{
    private const int StandardRetries = 6;

    public static IEnumerable<YamlMapping> Write(ExportedService service, PodStorage storage)
    {
        if (service.Spec.Release is { } command)
        {
            yield return Release(service, storage, command);
        }

        var pod = new PodWriter(service, storage);
        if (service.IsJob)
        {
            yield return Job(service.Metadata(), pod.Write(service.Spec.Restart.Condition == RestartCondition.No ? "Never" : "OnFailure"), service.Spec.Restart);
            yield break;
        }

        yield return service.IsStateful ? StatefulSet(service, pod.Write()) : Deployment(service, pod.Write());
        if (service.Spec.Replicas > 1)
        {
            yield return ExportedService.Object("policy/v1", "PodDisruptionBudget", service.Metadata(), new()
            {
                ["maxUnavailable"] = 1,
                ["selector"] = new YamlMapping { ["matchLabels"] = service.Selector },
            });
        }
    }

    private static YamlMapping Deployment(ExportedService service, YamlMapping pod)
    {
        var deploy = service.Spec.Deploy;
        return ExportedService.Object("apps/v1", "Deployment", service.Metadata(), new()
        {
            ["replicas"] = service.Spec.Replicas,
            ["revisionHistoryLimit"] = deploy.Keep,
            ["progressDeadlineSeconds"] = PodProbes.Seconds(deploy.ProgressDeadline),
            ["minReadySeconds"] = deploy.Monitor > TimeSpan.Zero ? PodProbes.Seconds(deploy.Monitor) : null,
            ["selector"] = new YamlMapping { ["matchLabels"] = service.Selector },
            ["strategy"] = service.IsReplacedAtOnce
                ? new YamlMapping { ["type"] = "Recreate" }
                : new YamlMapping
                {
                    ["type"] = "RollingUpdate",
                    ["rollingUpdate"] = new YamlMapping { ["maxSurge"] = deploy.Strategy == DeployStrategy.BlueGreen ? "100%" : deploy.Surge, ["maxUnavailable"] = 0 },
                },
            ["template"] = pod,
        });
    }

    private static YamlMapping StatefulSet(ExportedService service, YamlMapping pod) => ExportedService.Object("apps/v1", "StatefulSet", service.Metadata(), new()
    {
        ["serviceName"] = service.Name,
        ["replicas"] = service.Spec.Replicas,
        ["selector"] = new YamlMapping { ["matchLabels"] = service.Selector },
        ["template"] = pod,
    });

    private static YamlMapping Job(YamlMapping metadata, YamlMapping pod, RestartPolicy restart) => ExportedService.Object("batch/v1", "Job", metadata, new()
    {
        ["backoffLimit"] = restart.Condition == RestartCondition.No ? 0 : restart.MaxAttempts ?? StandardRetries,
        ["template"] = pod,
    });

    private static YamlMapping Release(ExportedService service, PodStorage storage, IReadOnlyList<string> command)
    {
        var name = $"{service.Name}-release";
        service.Losses.Add(service.Spec, $"its release command is the Job {name}, which nobody waits for: for each release `kubectl delete job {name}`, apply it, and wait for it before the rest");
        var pod = new PodWriter(service, storage).Write("Never", command);
        return Job(service.Metadata(name), pod, new(RestartCondition.No));
    }
}
