using System.CommandLine;
using Wherry.Cli.Certificates;
using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server;
using Wherry.Server.Purge;

namespace Wherry.Cli.Up;

/// <summary><c>wherry down</c>: stops everything and keeps the data; with <c>--purge</c> nothing of this Wherry stays. Needs no running server.</summary>
internal static class DownCommand
{
    public static Command Build(Verbs verbs)
    {
        var purge = new Option<bool>("--purge") { Description = "Remove every trace of this Wherry, its data too" };
        return verbs.On(new Verb("down", "Stops everything and keeps the data", "wherry down", "wherry down --purge   # containers, volumes, images and the state folder go, others' stay") { purge }, async (call, ct) =>
        {
            var files = new HomeFiles(call.Home);
            var checklist = new Checklist(call);
            if (!IsHome(files.Home))
            {
                checklist.Done($"there is no Wherry in {files.Home}: nothing to do");
                return Exit.Ok;
            }

            await Keeper.Of(files, call.World).StopAsync(ct);
            checklist.Done("server and edge are stopped");
            using var engine = LocalEngine.Open(call.World.Variable("DOCKER_HOST"));
            var own = new OwnThings(engine, HomeId.Open(files.Keys));
            if (call.Get(purge))
            {
                await PurgeAsync(own, files, checklist, ct);
            }
            else
            {
                await StopAsync(engine, own, files, checklist, ct);
            }

            return Exit.Ok;
        });
    }

    /// <summary>A folder is only ever taken for a home when Wherry made it.</summary>
    internal static bool IsHome(string folder) => File.Exists(Path.Combine(folder, "keys", "home.id"));

    private static async Task StopAsync(Engine engine, OwnThings own, HomeFiles files, Checklist checklist, CancellationToken ct)
    {
        if (!await LocalEngine.AnswersAsync(ct))
        {
            checklist.Done($"no engine answers on {engine.Endpoint}: no container runs");
            return;
        }

        // Written before the first is stopped, and added to: a down that was interrupted and repeated forgets none.
        var running = await own.RunningAsync(ct);
        var before = File.Exists(files.StoppedByDown) ? await File.ReadAllLinesAsync(files.StoppedByDown, ct) : [];
        await File.WriteAllLinesAsync(files.StoppedByDown, before.Union(running, StringComparer.Ordinal), ct);
        await own.StopAsync(running, ct);
        checklist.Done($"{running.Count} containers stopped; data and images are kept");
    }

    private static async Task PurgeAsync(OwnThings own, HomeFiles files, Checklist checklist, CancellationToken ct)
    {
        if (!await LocalEngine.AnswersAsync(ct))
        {
            throw new Problem("docker/unreachable", "The engine does not answer, so containers, volumes and images of this Wherry cannot be removed.", "Start it (`systemctl start docker`, or `./wherry up`) and repeat `wherry down --purge`.").AsException();
        }

        var removed = await own.RemoveAsync(ct);
        checklist.Done($"removed {removed.Containers} containers, {removed.Networks} networks, {removed.Volumes} volumes, {removed.Images} images");
        await ForgetRootAsync(files, checklist, ct);
        new PathLink(files).Remove();
        Directory.Delete(files.Home, recursive: true);
        checklist.Done($"removed {files.Home}");
    }

    /// <summary>What <c>wherry trust --install</c> put into the machine's store.</summary>
    private static async Task ForgetRootAsync(HomeFiles files, Checklist checklist, CancellationToken ct)
    {
        if (File.Exists(files.Authority))
        {
            try
            {
                using var root = TrustCommand.Read(await File.ReadAllTextAsync(files.Authority, ct));
                if (await TrustStore.Debian.RemoveAsync(root, ct))
                {
                    checklist.Done("its authority is not trusted by this machine any more");
                }
            }
            catch (ProblemException e)
            {
                checklist.Hint(e.Problem.Message);
            }
        }
    }
}
