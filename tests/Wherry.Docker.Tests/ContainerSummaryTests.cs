namespace Wherry.Docker.Tests;

public sealed class ContainerSummaryTests
{
    [Theory]
    [InlineData("Exited (137) 3 seconds ago", 137, ContainerHealth.None)]
    [InlineData("Exited (0) 2 hours ago", 0, ContainerHealth.None)]
    [InlineData("Restarting (1) 5 seconds ago", null, ContainerHealth.None)]
    [InlineData("Up 2 minutes", null, ContainerHealth.None)]
    [InlineData("Up 2 minutes (healthy)", null, ContainerHealth.Healthy)]
    [InlineData("Up 2 minutes (unhealthy)", null, ContainerHealth.Unhealthy)]
    [InlineData("Up 2 seconds (health: starting)", null, ContainerHealth.Starting)]
    [InlineData("", null, ContainerHealth.None)]
    public void A_list_tells_exit_code_and_health_in_a_sentence(string status, int? exitCode, ContainerHealth health)
    {
        var container = new ContainerSummary("id", "web", "", "", ContainerState.Running, status, default, new Dictionary<string, string>(), new Dictionary<string, string?>(), []);

        Assert.Equal((exitCode, health), (container.ExitCode, container.Health));
    }
}
