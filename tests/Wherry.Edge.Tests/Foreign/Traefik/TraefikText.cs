using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Wherry.Core.Routing;
using Wherry.Edge.Foreign.Traefik;
using Wherry.Edge.Switching;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign.Traefik;

/// <summary>Configurations as Traefik gets them, and who judges them.</summary>
internal static class TraefikText
{
    public static TraefikOptions Options { get; } = new() { Folder = "/etc/traefik/wherry", Resolver = "letsencrypt" };

    public static SavedService Saved(EdgeService service, string key = A.Key, ServiceMode mode = ServiceMode.Running, IReadOnlyList<string>? allow = null) => new(key, service, mode, null, TimeSpan.Zero, allow);

    /// <summary>A service with a replica that nobody asks.</summary>
    public static EdgeService Service(params Wherry.Core.Model.Route[] routes) => new()
    {
        Routes = routes.Length > 0 ? routes : [A.Route(3000)],
        Targets = [new("one", "10.0.0.1"), new("two", "10.0.0.2")],
    };

    public static string Of(params SavedService[] services) => TraefikJson.Write(TraefikTranslation.Of(services, Options, [], (_, _) => false));

    /// <summary>As it stands in the folder.</summary>
    public static string Marked(params SavedService[] services) => TraefikJson.Write(TraefikMark.On(TraefikTranslation.Of(services, Options, [], (_, _) => false), Options).Marked);

    public static JsonNode Read(params SavedService[] services) => JsonNode.Parse(Of(services))!;

    /// <summary>What the published schema, and YAML, hold against these texts.</summary>
    public static async Task<string> WrongsAsync(IEnumerable<string> texts)
    {
        var folder = Directory.CreateTempSubdirectory("wherry-traefik-").FullName;
        try
        {
            List<string> paths = [];
            foreach (var text in texts)
            {
                paths.Add(Path.Combine(folder, $"{paths.Count}.yml"));
                await File.WriteAllTextAsync(paths[^1], text);
            }

            using var judge = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Beside("traefik_schema.py"), Beside("traefik-v3-file-provider.json"), .. paths]) { RedirectStandardOutput = true })!;
            var said = await judge.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await judge.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, judge.ExitCode);
            return said;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Beside(string file, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, file);
}
