using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;
using Wherry.Cli.Up;
using Wherry.Core.Problems;
using Wherry.Server.Store;

namespace Wherry.Cli.Store;

/// <summary><c>wherry store copy</c>: into an empty store, while no server writes; with <c>--switch</c> the server works on the new one from then on.</summary>
internal static class StoreCopyCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StopWithin = TimeSpan.FromMinutes(2);

    public static Command Build(Verbs verbs)
    {
        var to = new Option<string>("--to") { Description = "Empty store to fill: postgres://USER:PASSWORD@HOST:PORT/DATABASE, or sqlite:/PATH; `-` reads it from standard input", HelpName = "URL", Required = true };
        var from = new Option<string?>("--from") { Description = "Store to read, in the same forms (default: the one of this state folder)", HelpName = "URL" };
        var change = new Option<bool>("--switch") { Description = "Stop the server for the copy, and let it work on the new store from then on; what serves goes on" };
        return verbs.On(new Verb("copy", "Copies the store into an empty one and compares both", "wherry store copy --switch --to postgres://wherry:…@db:5432/wherry", "wherry store copy --from sqlite:/mnt/backup/wherry.db --to sqlite:/var/lib/wherry/wherry.db") { to, from, change }, async (call, ct) =>
        {
            var home = StoreCommand.HomeOf(call);
            var url = call.Get(to) is "-" ? (await new StreamReader(call.World.In).ReadToEndAsync(ct)).Trim() : call.Get(to)!;
            var target = StoreLocation.Parse(url);
            await using var source = StoreCommand.Open(call, call.Get(from));
            if (source.Location == target)
            {
                throw new Problem("store/not-empty", $"{target} is the store itself.", "Name another with --to.").AsException();
            }

            var keeper = Keeper.Of(new HomeFiles(home), call.World);
            if (!call.Get(change))
            {
                using var alone = Alone(home);
                await CopyAsync(call, source, target, ct);
                return Exit.Ok;
            }

            await StoreCopy.CheckAsync(source, target, ct); // a target that does not do stops no server
            try
            {
                using var stopped = await StopAsync(keeper, home, call.World.Time, ct);
                await CopyAsync(call, source, target, ct);
                RememberedStore.Keep(home, target == StoreLocation.InHome(home) ? RememberedStore.Own : url);
                call.Note($"the server works on {target} from now on");
            }
            finally
            {
                await keeper.StartServerAsync(CancellationToken.None); // whatever became of the copy: on one of the two stores it works
            }

            return Exit.Ok;
        });
    }

    private static async Task CopyAsync(Call call, Database source, StoreLocation target, CancellationToken ct)
    {
        var rows = await StoreCopy.RunAsync(source, target, ct);
        call.Note($"{rows.Values.Sum()} rows in {rows.Count} tables copied to {target} and compared");
    }

    private static OnlyOne Alone(string home) => OnlyOne.TryInHome(home, "server") ?? throw new Problem(
        "store/server-runs", $"The server of {home} works on the store.", "Let it be stopped for the copy with --switch, or stop it: `systemctl stop wherry-server`, without systemd `wherry down`.").AsException();

    /// <summary>Stops the server and takes its place, so that what supervises it starts none meanwhile.</summary>
    private static async Task<OnlyOne> StopAsync(Keeper keeper, string home, TimeProvider time, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            await keeper.StopServerAsync(ct);
            if (OnlyOne.TryInHome(home, "server") is { } only)
            {
                return only;
            }

            if (time.GetElapsedTime(start) > StopWithin)
            {
                return Alone(home);
            }

            await Task.Delay(LookEvery, time, ct);
        }
    }
}
