using System.CommandLine;
using System.Reflection;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Status;

/// <summary><c>wherry version</c>: of this program, and of the server when it answers.</summary>
internal static class VersionCommand
{
    /// <summary>Version of this program.</summary>
    public static string Own { get; } = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static Command Build(Verbs verbs) =>
        verbs.On(new Verb("version", "Shows the versions of this program, the server and the engine", "wherry version"), async (call, ct) =>
        {
            ServerVersion? server = null;
            try
            {
                server = await call.Client.VersionAsync(ct);
            }
            catch (ApiException e) when (e.Status == 0 && !call.Json)
            {
                // This program's version is an answer without the server too.
            }

            var shown = server ?? new ServerVersion("does not answer", "v1", null, null);
            call.Print(shown, ClientJson.Default.ServerVersion, o =>
            {
                o.WriteLine($"wherry  {Own}");
                o.WriteLine($"server  {shown.Version}");
                if (shown.Engine is not null)
                {
                    o.WriteLine($"engine  {shown.Engine}, API {shown.EngineApi}");
                }
            });
            return Exit.Ok;
        });
}
