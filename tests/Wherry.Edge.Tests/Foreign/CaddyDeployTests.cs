using Wherry.Edge.Tests.Switching;

namespace Wherry.Edge.Tests.Foreign;

/// <summary>The same deployments, with a real Caddy in the edge's place.</summary>
public sealed class CaddyDeployTests : DeployTests
{
    protected override bool OnCaddy => true;
}
