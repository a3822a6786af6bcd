using System.Security.Cryptography;
using System.Text;
using Wherry.Cli.Supervision;

namespace Wherry.Cli.Up;

/// <summary>A copy of the published program in the home, so that the checkout it was built in may move or vanish.</summary>
/// <remarks>Each content has a folder of its own under <c>program/</c> that is never written to again; <c>bin/wherry</c> is a link to the current one.</remarks>
internal sealed class InstalledProgram
{
    private readonly string _folder;

    private InstalledProgram(string folder, bool isNew)
    {
        _folder = folder;
        IsNew = isNew;
    }

    /// <summary>The executable itself, not through the link: what the kernel names a process that runs it.</summary>
    public string Path => System.IO.Path.Combine(_folder, "wherry");

    /// <summary>It was not the current one before.</summary>
    public bool IsNew { get; }

    /// <summary>Installs the program that runs now. Nothing to do when that is the current one already.</summary>
    /// <param name="root">The checkout, for the scripts that keep an engine.</param>
    public static async Task<InstalledProgram> InstallAsync(HomeFiles files, string? root, CancellationToken ct)
    {
        var source = AppContext.BaseDirectory.TrimEnd('/');
        var programs = System.IO.Path.Combine(files.Home, "program");
        Directory.CreateDirectory(programs);
        var isInstalled = System.IO.Path.GetDirectoryName(source) == RealFolder(programs);
        var folder = isInstalled ? source : System.IO.Path.Combine(RealFolder(programs), await ContentAsync(source, ct));
        if (!Directory.Exists(folder))
        {
            var fresh = $"{folder}.new";
            if (Directory.Exists(fresh))
            {
                Directory.Delete(fresh, recursive: true);
            }

            Copy(source, fresh);
            Directory.Move(fresh, folder);
        }

        if (root is not null)
        {
            CopyScripts(root, files);
        }

        return new(folder, Link(files.Program, System.IO.Path.Combine(folder, "wherry")));
    }

    /// <summary>Points the link at <paramref name="executable"/> in one step.</summary>
    /// <returns>It pointed elsewhere before.</returns>
    private static bool Link(string link, string executable)
    {
        if (new FileInfo(link).LinkTarget == executable)
        {
            return false;
        }

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(link)!);
        File.Delete(link + ".new");
        File.CreateSymbolicLink(link + ".new", executable);
        File.Move(link + ".new", link, overwrite: true);
        return true;
    }

    /// <summary>Removes versions that nothing runs from any more.</summary>
    public void RemoveOlder()
    {
        foreach (var folder in Directory.GetDirectories(System.IO.Path.GetDirectoryName(_folder)!).Where(f => f != _folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string RealFolder(string folder) => new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder;

    private static async Task<string> ContentAsync(string folder, CancellationToken ct)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            sum.AppendData(Encoding.UTF8.GetBytes(System.IO.Path.GetRelativePath(folder, file) + "\n"));
            await using var content = File.OpenRead(file);
            sum.AppendData(await SHA256.HashDataAsync(content, ct));
        }

        return Convert.ToHexStringLower(sum.GetHashAndReset())[..12];
    }

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = System.IO.Path.Combine(target, System.IO.Path.GetRelativePath(source, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static void CopyScripts(string root, HomeFiles files)
    {
        var target = System.IO.Path.GetDirectoryName(files.EngineScript)!;
        Directory.CreateDirectory(target);
        foreach (var name in new[] { "common", "dockerd", "engine" })
        {
            var source = System.IO.Path.Combine(root, "bin", name);
            if (File.Exists(source))
            {
                // A new file, then a rename: one of them may be running.
                File.Copy(source, System.IO.Path.Combine(target, name + ".new"), overwrite: true);
                File.Move(System.IO.Path.Combine(target, name + ".new"), System.IO.Path.Combine(target, name), overwrite: true);
            }
        }
    }
}
