using Wherry.Edge.Tests.Rules;

namespace Wherry.Edge.Tests.Foreign;

/// <summary>The same rules of routes, done by a real Caddy.</summary>
public sealed class CaddyRulesTests : RouteRulesTests
{
    protected override bool OnCaddy => true;
}
