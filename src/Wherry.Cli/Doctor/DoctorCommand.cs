using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Doctor;

/// <summary><c>wherry doctor</c>: what is wrong and how to mend it; what needs no server is checked without one.</summary>
internal static class DoctorCommand
{
    public static Command Build(Verbs verbs) =>
        verbs.On(new Verb("doctor", "Checks engine, ports, disk, store, edge and clock, and says how to mend each", "wherry doctor", "wherry doctor --json"), async (call, ct) =>
        {
            var checks = new List<DoctorCheck>();
            if (call.IsLocal)
            {
                await foreach (var check in new LocalChecks(call.Home, call.World).RunAsync(ct))
                {
                    checks.Add(check);
                }
            }

            checks = [.. Merge(checks, await AskServerAsync(call, ct))];
            call.Print(checks, ClientJson.Default.IReadOnlyListDoctorCheck, o => Write(o, checks, call.World.ColourOut));
            return checks.Exists(c => c.State == "problem") ? Exit.Rejected : Exit.Ok;
        });

    /// <summary>Of two checks of the same thing the server's counts: it is what must work for it.</summary>
    internal static IEnumerable<DoctorCheck> Merge(IReadOnlyList<DoctorCheck> own, IReadOnlyList<DoctorCheck> servers) =>
        own.Where(c => servers.All(s => s.Name != c.Name)).Concat(servers);

    internal static void Write(TextWriter output, IReadOnlyList<DoctorCheck> checks, bool colour)
    {
        var width = checks.Count == 0 ? 0 : checks.Max(c => c.Name.Length);
        foreach (var check in checks)
        {
            var mark = check.State switch { "ok" => Paint.Green("✓", colour), "warning" => Paint.Yellow("!", colour), _ => Paint.Red("✗", colour) };
            output.WriteLine($"{mark} {check.Name.PadRight(width)}  {check.Finding}");
            if (check.Mend is { } mend)
            {
                output.WriteLine($"  {"".PadRight(width)}  → {mend}");
            }
        }
    }

    private static async Task<IReadOnlyList<DoctorCheck>> AskServerAsync(Call call, CancellationToken ct)
    {
        try
        {
            return [new("server", "ok", $"server {(await call.Client.VersionAsync(ct)).Version} answers", null), .. await call.Client.DoctorAsync(ct)];
        }
        catch (ApiException e)
        {
            var problem = Unreachable.InWords(e, call);
            return [new("server", "problem", problem.Message, problem.Hint)];
        }
    }
}
