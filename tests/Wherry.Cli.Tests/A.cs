using System.Text;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Tests;

/// <summary>Builders with good defaults: a test names only what matters to it.</summary>
internal static class A
{
    public static DateTimeOffset Noon { get; } = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static World World(string? folder = null, string input = "", IReadOnlyDictionary<string, string>? variables = null) => new()
    {
        Out = new StringWriter(),
        Err = new StringWriter(),
        In = new MemoryStream(Encoding.UTF8.GetBytes(input)),
        OutBytes = new MemoryStream(),
        ErrBytes = new MemoryStream(),
        Folder = folder ?? "/",
        Variable = name => variables?.GetValueOrDefault(name),
    };

    /// <summary>Runs a command line without a server, unless it names one.</summary>
    public static async Task<Ran> RunAsync(World world, params string[] args)
    {
        var code = await CommandLine.RunAsync(args, world);
        return new(code, world.Out.ToString()!, world.Err.ToString()!);
    }

    public static Task<Ran> RunAsync(params string[] args) => RunAsync(World(), args);

    public static Deployment Deployment(DeploymentOutcome? outcome = DeploymentOutcome.Succeeded, ApiProblem? problem = null, string kind = "deploy") =>
        new("d1", "shop", "production", kind, 42, DeploymentStage.Finished, outcome, problem, Noon.AddMinutes(-3), Noon.AddMinutes(-3), Noon.AddMinutes(-2), [], ["http://shop.localhost"]);

    public static Service Service(string name = "web", string state = "running", int wanted = 1, params string[] routes) =>
        new(name, "sha256:1", wanted, state, routes, [.. Enumerable.Range(1, wanted).Select(n => new Replica($"id{n}", $"{name}-{n}", n, 42, "running", "healthy", Noon))]);

    public static TempFolder Folder() => new();
}

/// <summary>How a command line ended.</summary>
internal sealed record Ran(int Code, string Out, string Err);

/// <summary>A folder that goes with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("wherry-test-").FullName;

    /// <summary>Writes a file below it and gives its path.</summary>
    public string Write(string file, string text = "")
    {
        var path = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
