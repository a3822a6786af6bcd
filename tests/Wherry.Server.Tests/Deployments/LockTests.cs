using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A lock holds changes back, and says who holds it and why.</summary>
public sealed class LockTests(LiveWherry wherry)
{
    /// <summary>KM-23.</summary>
    [Fact]
    public async Task KM_23_While_an_environment_is_locked_every_change_is_refused_with_the_holders_message()
    {
        var project = await DeployedAsync();
        await wherry.Client.LockAsync(project, "production", new TakeLock("moving the database"), default);

        await RefusedAsync(() => wherry.Client.DeployAsync(project, "production", new DeployRequest { Image = LiveWherry.Image("v2") }, default));
        await RefusedAsync(() => wherry.Client.RollbackAsync(project, "production", new RollbackRequest(1), default));
        await RefusedAsync(() => wherry.Client.ScaleAsync(project, "production", new ScaleRequest(new Dictionary<string, int> { ["web"] = 2 }), default));
        await RefusedAsync(() => wherry.Client.StopAsync(project, "production", new ServicesRequest(), default));
        await RefusedAsync(() => wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["A"] = "b" }, []), default));
        await RefusedAsync(() => wherry.Client.RemoveEnvironmentAsync(project, "production", true, default));
        await RefusedAsync(() => wherry.Client.RemoveProjectAsync(project, true, default));
        await RefusedAsync(() => wherry.Client.AdoptDriftAsync(project, "production", default));
        await RefusedAsync(() => wherry.Client.LockAsync(project, "production", new TakeLock("me too"), default));
        Assert.Empty(await wherry.Client.VariablesAsync(project, "production", default));
        var odd = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.LockAsync(project, "production", new TakeLock("odd", (LockScope)99), default));
        Assert.Equal("environment/lock-scope", odd.Problem.Code);

        var shown = (await wherry.Client.StatusAsync(default)).Environments.Single(e => e.Environment.Project == project).Environment.Lock!;
        Assert.StartsWith("socket", shown.Holder, StringComparison.Ordinal);
        Assert.Equal(("moving the database", LockScope.Everything), (shown.Message, shown.Scope));

        Assert.Null((await wherry.Client.UnlockAsync(project, "production", default)).Lock);
        Assert.Null((await wherry.Client.UnlockAsync(project, "production", default)).Lock);
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") })).Problem);
    }

    /// <summary>KM-23.</summary>
    [Fact]
    public async Task KM_23_A_push_to_a_locked_environment_is_refused_and_can_be_pushed_again()
    {
        var project = await wherry.ProjectAsync();
        var folder = await wherry.FolderAsync(project);
        await folder.Write("Dockerfile", $"FROM {LiveWherry.Image("v2")}\n").CommitAsync();
        await wherry.Client.LockAsync(project, "production", new TakeLock("audit"), default);

        var refused = await folder.PushAsync();
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("locked by socket", refused.Text, StringComparison.Ordinal);
        Assert.Contains("audit", refused.Text, StringComparison.Ordinal);

        await wherry.Client.UnlockAsync(project, "production", default);
        var pushed = await folder.PushAsync();
        Assert.True(pushed.ExitCode == 0, pushed.Text);
        Assert.Equal("v2", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    [Fact]
    public async Task While_pushes_are_held_back_they_are_stored_and_what_is_deployed_by_hand_goes_on()
    {
        var project = await wherry.ProjectAsync();
        var folder = await wherry.FolderAsync(project);
        await folder.Write("Dockerfile", $"FROM {LiveWherry.Image("v1")}\n").CommitAsync();
        Assert.Equal(0, (await folder.PushAsync()).ExitCode);
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v3"), Port = 3000 })).Problem);

        var back = await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(), default);
        Assert.Contains(back.Notes, n => n.Contains("wherry unlock", StringComparison.Ordinal));
        Assert.Null((await wherry.EndAsync(back)).Problem);
        Assert.Equal(LockScope.Pushes, Assert.Single(await wherry.Client.EnvironmentsAsync(project, default)).Lock!.Scope);

        await folder.Write("Dockerfile", $"FROM {LiveWherry.Image("v2")}\n").CommitAsync();
        var kept = await folder.PushAsync();
        Assert.True(kept.ExitCode == 0, kept.Text);
        Assert.Contains("not deployed", kept.Text, StringComparison.Ordinal);
        Assert.Contains("wherry unlock", kept.Text, StringComparison.Ordinal);
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);

        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { GitRef = "main" })).Problem);
        Assert.Equal("v2", (await wherry.GetAsync($"{project}.localhost")).Body);
        await wherry.Client.UnlockAsync(project, "production", default);
    }

    private static async Task RefusedAsync(Func<Task> change)
    {
        var refused = await Assert.ThrowsAsync<ApiException>(change);
        Assert.Equal("environment/locked", refused.Problem.Code);
        Assert.Equal(409, refused.Status);
        Assert.Contains("socket", refused.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("moving the database", refused.Problem.Message, StringComparison.Ordinal);
    }

    private async Task<string> DeployedAsync()
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);
        return project;
    }
}
