using System.Diagnostics;

namespace Wherry.Docker.Tests.Fixture;

/// <summary>Programs of Debian packages, unpacked into a cache folder; nothing is installed.</summary>
internal static class DebianPackage
{
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    /// <summary>Path of a program: the installed one, else from its package.</summary>
    public static async Task<string> ProgramAsync(string package, string path, CancellationToken ct)
    {
        if (File.Exists($"/{path}"))
        {
            return $"/{path}";
        }

        var folder = Path.Combine(Path.GetTempPath(), "wherry-test-packages", package);
        var program = Path.Combine(folder, "unpacked", path);
        await OneAtATime.WaitAsync(ct);
        try
        {
            if (!File.Exists(program))
            {
                Directory.CreateDirectory(folder);
                await RunAsync("apt-get", ["download", package], folder, ct);
                // Unpacked beside and moved, so that a test run at the same time never sees half of it.
                var beside = Path.Combine(folder, Path.GetRandomFileName());
                await RunAsync("dpkg-deb", ["-x", Directory.GetFiles(folder, "*.deb").Single(), beside], folder, ct);
                Directory.Move(beside, Path.Combine(folder, "unpacked"));
            }

            return program;
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static async Task RunAsync(string program, string[] arguments, string folder, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = await process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {error}{await output}");
        }
    }
}
