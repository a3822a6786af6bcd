using Wherry.Core.Model;
using Wherry.Docker;
using Wherry.Server.Logs;

namespace Wherry.Server.Builds;

/// <summary>Writes a build's progress to the deployment's log, line by line.</summary>
internal sealed class BuildOutput(DeploymentLog log, ServiceName service) : IProgress<BuildProgress>
{
    public void Report(BuildProgress value) => _ = log.WriteAsync(service.Value, "stdout", value.ToString());
}
