using System.Formats.Tar;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A source of several Compose files, with files beside them that containers get.</summary>
public sealed class ComposeSourceTests(LiveWherry wherry)
{
    [Fact]
    public async Task DC_18_Several_files_deploy_as_one_and_files_of_the_source_are_in_the_container()
    {
        var project = await wherry.ProjectAsync();
        var files = new Dictionary<string, string>
        {
            ["compose.yaml"] = "include: [more/compose.yaml]\n" + ComposeText.Of(ComposeText.Service("web", keys: "volumes: [\"./conf/app.ini:/etc/deep/er/app.ini:ro\", \"./scripts:/scripts:ro\", \"./data:/data\"]")),
            ["compose.override.yaml"] = "services: { web: { environment: { OVER: ridden } } }\n",
            ["more/compose.yaml"] = ComposeText.Of(ComposeText.Service("worker", keys: "volumes: [\"../data:/work\"]")),
            ["conf/app.ini"] = "colour=green",
            ["scripts/run.sh"] = "#!/bin/sh\necho ran\n",
        };
        Assert.Null((await wherry.DeployAsync(project, files)).Problem);
        var before = await wherry.ContainersAsync(project);
        var web = before.Single(c => c.Labels["wherry.service"] == "web");

        Assert.Equal(("colour=green", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead), await ReadAsync(web.Id, "/etc/deep/er/app.ini"));
        Assert.True((await ReadAsync(web.Id, "/scripts/run.sh")).Mode.HasFlag(UnixFileMode.OtherExecute));
        Assert.Single(await wherry.Engine.Volumes.ListAsync(new Dictionary<string, string?> { ["wherry.project"] = project }, default));

        files["conf/app.ini"] = "colour=red";
        Assert.Null((await wherry.DeployAsync(project, files)).Problem);
        var after = await wherry.ContainersAsync(project);

        Assert.Equal("colour=red", (await ReadAsync(after.Single(c => c.Labels["wherry.service"] == "web").Id, "/etc/deep/er/app.ini")).Text);
        Assert.Contains(after, c => c.Id == before.Single(b => b.Labels["wherry.service"] == "worker").Id);
    }

    private async Task<(string Text, UnixFileMode Mode)> ReadAsync(string container, string path)
    {
        await using var archive = await wherry.Engine.Containers.GetArchiveAsync(container, path, default);
        await using var tar = new TarReader(archive);
        var entry = (await tar.GetNextEntryAsync(copyData: true))!;
        using var reader = new StreamReader(entry.DataStream!);
        return (await reader.ReadToEndAsync(), entry.Mode);
    }
}
