using System.CommandLine;
using System.Globalization;
using Wherry.Cli.Doctor;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Cli.Supervision;
using Wherry.Client;
using Wherry.Core.Problems;
using Wherry.Server.Secrets;
using Wherry.Server.Store;

namespace Wherry.Cli.Store;

/// <summary><c>wherry store check|backup|copy</c>: on this machine, with the state folder's own key; no server is asked.</summary>
internal static class StoreCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("store", "Checks, backs up and moves what the server keeps", "wherry store check", "wherry store backup --to /mnt/backup/wherry.db", "wherry store copy --to postgres://wherry:…@db/wherry"),
        BuildCheck(verbs),
        [BuildBackup(verbs), StoreCopyCommand.Build(verbs)]);

    private static Command BuildCheck(Verbs verbs) => verbs.On(new Verb("check", "Looks whether everything in the store can be used; changes nothing", "wherry store check", "wherry store check --json"), async (call, ct) =>
    {
        await using var database = Open(call, null);
        var checks = await new StoreCheck(database, Key(call)).RunAsync(ct);
        call.Print(checks, ClientJson.Default.IReadOnlyListDoctorCheck, o => DoctorCommand.Write(o, checks, call.World.ColourOut));
        return checks.All(c => c.State == "ok") ? Exit.Ok : Exit.Rejected;
    });

    private static Command BuildBackup(Verbs verbs)
    {
        var to = new Option<string?>("--to") { Description = "File to write (default: backups/store-TIME.db in the state folder)", HelpName = "FILE" };
        return verbs.On(new Verb("backup", "Copies the store into one file while the server works; the key is not in it", "wherry store backup", "wherry store backup --to /mnt/backup/wherry.db") { to }, async (call, ct) =>
        {
            var file = Path.GetFullPath(call.Get(to) ?? Path.Combine(HomeOf(call), "backups", string.Create(CultureInfo.InvariantCulture, $"store-{call.World.Time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}.db")), call.World.Folder);
            await using var database = Open(call, null);
            if (call.Get(to) is null)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            await StoreBackup.RunAsync(database, file, ct);
            call.Note($"{Bytes.Of(new FileInfo(file).Length)} written. Keep keys/ too, elsewhere: without keys/secrets.key no secret in it can be read.");
            call.Result(file);
            return Exit.Ok;
        });
    }

    internal static Database Open(Call call, string? from)
    {
        var location = from is null ? RememberedStore.Of(HomeOf(call), call.World) : StoreLocation.Parse(from);
        return location is StoreLocation.Sqlite { File: var file } && !File.Exists(file)
            ? throw new Problem("store/missing", $"There is no store at {file}.", from is null ? "Start Wherry with `wherry up`, or name its state folder with --home." : "Name the file of a store, for instance of a backup: `--from sqlite:/mnt/backup/store.db`.").AsException()
            : Database.At(location);
    }

    private static Sealer Key(Call call) => Sealer.Open(new HomeFiles(HomeOf(call)).Keys);

    /// <summary>The state folder that a call is about.</summary>
    /// <exception cref="ProblemException"><c>cli/not-local</c>, <c>store/missing</c>.</exception>
    internal static string HomeOf(Call call) => !call.IsLocal
        ? throw new Problem("cli/not-local", "`wherry store check` and its like work on the state folder of this machine; --server names one elsewhere.", "Run it there, and leave --server and WHERRY_SERVER out.").AsException()
        : Directory.Exists(new HomeFiles(call.Home).Keys)
            ? call.Home
            : throw new Problem("store/missing", $"There is no Wherry in {call.Home}.", "Name its state folder with --home, or run it with sudo.").AsException();
}
