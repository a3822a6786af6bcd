using Wherry.Core.Model;

namespace Wherry.Compose.Tests.Reading;

/// <summary>SW-01: Compose's own keys for how replicas are replaced.</summary>
public sealed class UpdateConfigTests
{
    /// <summary>SW-01.</summary>
    [Theory]
    [InlineData("order: start-first, parallelism: 2", DeployStrategy.Rolling, 2)]
    [InlineData("order: start-first, parallelism: 0", DeployStrategy.BlueGreen, 1)]
    [InlineData("order: stop-first", DeployStrategy.Recreate, 1)]
    [InlineData("parallelism: 3", null, 3)]
    public void SW_01_Order_and_parallelism_say_the_strategy_and_the_surge(string keys, DeployStrategy? strategy, int surge)
    {
        var deploy = Read($"deploy: {{ update_config: {{ {keys} }} }}").Deploy;

        Assert.Equal((strategy, surge), (deploy.Strategy, deploy.Surge));
    }

    /// <summary>SW-01, NO-13.</summary>
    [Fact]
    public void SW_01_NO_13_Monitor_and_failure_action_are_read()
    {
        var deploy = Read("deploy: { update_config: { monitor: 10s, failure_action: pause } }").Deploy;

        Assert.Equal((TimeSpan.FromSeconds(10), FailureAction.Pause), (deploy.Monitor, deploy.FailureAction));
    }

    [Fact]
    public void What_x_wherry_says_goes_before_it()
    {
        var deploy = Read("deploy: { update_config: { monitor: 10s, failure_action: pause, parallelism: 2 } }\n    x-wherry: { deploy: { failure_action: continue, surge: 4, canary: 1, auto_promote: true, progress_deadline: 2m } }").Deploy;

        Assert.Equal(new DeploySpec { Surge = 4, Monitor = TimeSpan.FromSeconds(10), FailureAction = FailureAction.Continue, Canary = 1, AutoPromote = true, ProgressDeadline = TimeSpan.FromMinutes(2) }, deploy);
    }

    [Fact]
    public void What_has_no_meaning_here_is_told()
    {
        var result = A.Read("services:\n  web:\n    image: a\n    deploy: { update_config: { delay: 5s }, rollback_config: { order: stop-first } }\n");

        Assert.Equal(2, result.Warnings.Count);
    }

    /// <summary>Another name of a volume or network on the engine is another container.</summary>
    [Theory]
    [InlineData("volumes: [\"data:/data\"]", "volumes: { data: { name: NAME } }")]
    [InlineData("networks: [front]", "networks: { front: { name: NAME } }")]
    [InlineData("command: a", "networks: { default: { name: NAME } }")]
    public void Another_name_on_the_engine_is_another_container(string service, string top)
    {
        string HashOf(string name) => SpecHash.Of(A.Service(A.Read($"services:\n  web:\n    image: a\n    {service}\n{top.Replace("NAME", name, StringComparison.Ordinal)}\n").Model, "web"));

        Assert.Equal(HashOf("one"), HashOf("one"));
        Assert.NotEqual(HashOf("one"), HashOf("two"));
    }

    private static ServiceSpec Read(string keys) => A.Service(A.Read($"services:\n  web:\n    image: a\n    {keys}\n").Model, "web");
}
