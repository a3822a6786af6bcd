using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Docker;
using Wherry.Server.Purge;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Reconcile;

/// <summary>What is not ours is never touched, whatever it is called and whatever labels of others it has.</summary>
public sealed class ForeignTests
{
    [Fact]
    public async Task What_is_not_ours_is_there_unchanged_after_deploys_heals_rollbacks_and_a_purge()
    {
        await using var wherry = new LiveWherry();
        await wherry.InitializeAsync();
        var project = await wherry.ProjectAsync();
        var foreign = new Foreign(wherry.Engine, project, HomeId.Open(wherry.Options.Keys));
        try
        {
            await foreign.MakeAsync();
            var before = await foreign.ListAsync();
            var files = new Dictionary<string, string>
            {
                ["compose.yaml"] = ComposeText.Of(ComposeText.Web($"{project}.localhost", keys: "volumes: [\"data:/data\"]").Replace($"image: {LiveWherry.Image("v1")}", "build: .", StringComparison.Ordinal)) + "volumes:\n  data: {}\n",
                ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nENV MARK=one\n",
            };
            Assert.Null((await wherry.DeployAsync(project, files)).Problem);
            Assert.Null((await wherry.DeployAsync(project, new Dictionary<string, string>(files) { ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nENV MARK=two\n" })).Problem);
            Assert.Null((await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(null), default))).Problem);
            foreach (var id in await OwnAsync(wherry, project))
            {
                await wherry.Engine.Containers.RemoveAsync(id, TimeSpan.Zero, false, default);
            }

            await LiveWherry.UntilAsync(async () => (await OwnAsync(wherry, project)).Count == 1 && (await wherry.Client.DriftAsync(project, default)).Count == 0, 120);
            await LiveWherry.UntilAsync(async () => (await wherry.Client.DeploymentsAsync(project, "production", default)).All(d => d.Outcome is not null));
            Assert.Equal(before, await foreign.ListAsync());

            await wherry.Client.RemoveProjectAsync(project, volumes: true, default);
            Assert.Equal(before, await foreign.ListAsync());
            await new OwnThings(wherry.Engine, HomeId.Open(wherry.Options.Keys)).RemoveAsync(default);
            Assert.Equal(before, await foreign.ListAsync());
        }
        finally
        {
            await foreign.RemoveAsync();
        }
    }

    private static async Task<List<string>> OwnAsync(LiveWherry wherry, string project) =>
        [.. (await wherry.Engine.Containers.ListAsync(new Dictionary<string, string?> { [Labels.Home] = HomeId.Open(wherry.Options.Keys).Value, [Labels.Project] = project }, true, default)).Select(c => c.Id)];

    /// <summary>Things of somebody else, named and labelled as closely to ours as may be.</summary>
    private sealed class Foreign(Engine engine, string project, HomeId home)
    {
        private readonly Dictionary<string, string> _mark = new() { ["wherry-test-foreign"] = project };

        private Dictionary<string, string?> Marked => _mark.ToDictionary(l => l.Key, l => (string?)l.Value);

        public async Task MakeAsync()
        {
            var others = new Dictionary<string, string>(_mark)
            {
                [Labels.Home] = $"{home.Value[..^1]}x",
                [Labels.Project] = project,
                [Labels.Environment] = "production",
                [Labels.Service] = "web",
                [Labels.Replica] = "1",
                [Labels.Release] = "1",
                [Labels.Hash] = "0",
                [Labels.Deployment] = "d000000",
            };
            await engine.Containers.CreateAsync(Spec($"{home.NamePrefix}{project}-production-web-1", _mark), default);
            await engine.Containers.StartAsync(await engine.Containers.CreateAsync(Spec($"{home.NamePrefix}{project}-production-web-2", others), default), default);
            await engine.Networks.CreateAsync(new NetworkCreate { Name = $"{home.NamePrefix}{project}-production_defaults", Labels = others }, default);
            await engine.Volumes.CreateAsync(new VolumeCreate { Name = $"{home.NamePrefix}{project}-production_data2", Labels = others }, default);
        }

        /// <summary>What there is of it, and how it is.</summary>
        public async Task<List<string>> ListAsync() =>
        [
            .. (await engine.Containers.ListAsync(Marked, true, default)).Select(c => $"container {c.Id} {c.Name} {c.State}").Order(StringComparer.Ordinal),
            .. (await engine.Networks.ListAsync(Marked, default)).Select(n => $"network {n.Id}").Order(StringComparer.Ordinal),
            .. (await engine.Volumes.ListAsync(Marked, default)).Select(v => $"volume {v.Name}").Order(StringComparer.Ordinal),
            $"image {(await engine.Images.FindAsync(ImageReference.Parse(LiveWherry.Image("v1")), default))?.Id}",
        ];

        public async Task RemoveAsync()
        {
            foreach (var c in await engine.Containers.ListAsync(Marked, true, default))
            {
                await engine.Containers.RemoveAsync(c.Id, TimeSpan.Zero, true, default);
            }

            foreach (var n in await engine.Networks.ListAsync(Marked, default))
            {
                await engine.Networks.RemoveAsync(n.Id, default);
            }

            foreach (var v in await engine.Volumes.ListAsync(Marked, default))
            {
                await engine.Volumes.RemoveAsync(v.Name, default);
            }
        }

        private static ContainerSpec Spec(string name, Dictionary<string, string> labels) => new() { Name = name, Image = LiveWherry.Image("v1"), Labels = labels };
    }
}
