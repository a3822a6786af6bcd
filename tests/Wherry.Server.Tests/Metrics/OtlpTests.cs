using Wherry.Client;
using Wherry.Server.Metrics;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Metrics;

/// <summary>KM-28. Traces and metrics as a collector gets them.</summary>
public sealed class OtlpTests(LiveWherry wherry)
{
    [Fact]
    public async Task KM_28_A_deployment_is_one_trace_with_its_steps_and_their_calls_below_it()
    {
        var project = await wherry.ProjectAsync();
        await using var collector = await Collector.StartAsync();
        using var export = OtlpExport.Start(collector.Address);

        var deployment = await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        await LiveWherry.UntilAsync(() => Task.FromResult(export.Flush() && collector.Spans.Any(s => s.Name == "deployment" && s.Tags["wherry.deployment"] == deployment.Id)));

        var root = collector.Spans.Single(s => s.Name == "deployment" && s.Tags["wherry.deployment"] == deployment.Id);
        var trace = collector.Spans.Where(s => s.Trace == root.Trace).ToList();
        var steps = trace.Where(s => s.Name.StartsWith("step ", StringComparison.Ordinal)).ToList();
        Assert.Equal(("", "succeeded", "deploy", $"{project}/production"), (root.Parent, root.Tags["wherry.outcome"], root.Tags["wherry.deployment.kind"], root.Tags["wherry.environment"]));
        Assert.All(steps, s => Assert.Equal(root.Id, s.Parent));
        Assert.Equal(deployment.Receipt!.Steps.Select(s => s.Kind).Order(StringComparer.Ordinal), steps.Select(s => s.Tags["wherry.step"]).Where(k => k != "finish").Order(StringComparer.Ordinal));
        Assert.All(steps, s => Assert.Equal("done", s.Tags["wherry.outcome"]));
        Assert.Equal("web", steps.Single(s => s.Name == "step start-replicas").Tags["wherry.service"]);
        AssertBelow(trace, "engine POST container", "step start-replicas");
        AssertBelow(trace, "edge PUT services", "step switch-traffic");
        AssertBelow(trace, "edge POST services gate", "step await-healthy");
        Assert.Contains("wherry.deployments", collector.Metrics);
        Assert.Contains("wherry.deployment.step.duration", collector.Metrics);
    }

    [Fact]
    public async Task KM_28_A_failure_is_told_with_its_code_on_the_step_and_on_the_whole()
    {
        var project = await wherry.ProjectAsync();
        await using var collector = await Collector.StartAsync();
        using var export = OtlpExport.Start(collector.Address);

        var deployment = await wherry.DeployAsync(project, new DeployRequest { Image = "wherry-test/no-such-image:1" });
        await LiveWherry.UntilAsync(() => Task.FromResult(export.Flush() && collector.Spans.Any(s => s.Name == "deployment" && s.Tags["wherry.deployment"] == deployment.Id)));

        var root = collector.Spans.Single(s => s.Name == "deployment" && s.Tags["wherry.deployment"] == deployment.Id);
        var failed = collector.Spans.Single(s => s.Parent == root.Id && s.Tags.GetValueOrDefault("wherry.outcome") == "failed");
        Assert.Equal(("failed", deployment.Problem!.Code), (root.Tags["wherry.outcome"], root.Tags["wherry.problem"]));
        Assert.Equal(("step cut-release", deployment.Problem.Code), (failed.Name, failed.Tags["wherry.problem"]));
    }

    private static void AssertBelow(IReadOnlyList<SpanSeen> trace, string call, string step) =>
        Assert.Contains(trace, s => s.Name == call && trace.Any(p => p.Id == s.Parent && p.Name == step));
}
