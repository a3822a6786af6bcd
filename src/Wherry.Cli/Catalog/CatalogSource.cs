using System.Security.Cryptography;
using System.Text;
using Wherry.Cli.Frame;
using Wherry.Compose.Importing;
using Wherry.Core.Problems;

namespace Wherry.Cli.Catalog;

/// <summary>Where templates come from: a folder, or a Git repository that is kept in the user's cache.</summary>
internal static class CatalogSource
{
    private const long MaxBytes = 1 << 20;
    private const int MaxDepth = 6;

    /// <summary>Every template below the source, by name. Of two with one name the first path counts.</summary>
    /// <exception cref="ProblemException"><c>catalog/no-source</c>, <c>catalog/empty</c>, <c>git/failed</c>.</exception>
    public static async Task<IReadOnlyList<CatalogTemplate>> ReadAsync(Call call, string? from, CancellationToken ct)
    {
        var source = from ?? call.World.Variable("WHERRY_CATALOG")
            ?? throw new Problem("catalog/no-source", "Nothing says where templates are.", "Name a folder or a Git repository with --from, or in the variable WHERRY_CATALOG.").AsException();
        var folder = IsRepository(source) ? await FetchAsync(call, source, ct) : Path.GetFullPath(source, call.World.Folder);
        if (!Directory.Exists(folder))
        {
            throw new Problem("catalog/no-source", $"There is no folder {folder}.", "Name a folder or a Git repository with --from, or in the variable WHERRY_CATALOG.").AsException();
        }

        var found = Below(folder).DistinctBy(t => t.Name).OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        return found.Count > 0 ? found : throw new Problem("catalog/empty", $"{source} holds no template of Coolify, CapRover or Dokploy.", "Name the folder or repository that the templates are in.").AsException();
    }

    private static bool IsRepository(string source) => source.Contains("://", StringComparison.Ordinal) || source.StartsWith("git@", StringComparison.Ordinal);

    /// <summary>A copy of the repository without its history, brought up to date.</summary>
    private static async Task<string> FetchAsync(Call call, string address, CancellationToken ct)
    {
        var cache = call.World.Variable("XDG_CACHE_HOME") ?? Path.Combine(call.World.Variable("HOME") ?? Path.GetTempPath(), ".cache");
        var folder = Path.Combine(cache, "wherry", "catalog", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address)))[..16]);
        if (!Directory.Exists(Path.Combine(folder, ".git")))
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await GitProgram.RequireAsync(folder, ["init", "--quiet"], ct);
        }

        await GitProgram.RequireAsync(folder, ["fetch", "--quiet", "--depth", "1", "--", address, "HEAD"], ct);
        await GitProgram.RequireAsync(folder, ["reset", "--quiet", "--hard", "FETCH_HEAD"], ct);
        return folder;
    }

    private static IEnumerable<CatalogTemplate> Below(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth, AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint };
        foreach (var file in Directory.EnumerateFiles(folder, "*", options).Order(StringComparer.Ordinal).Where(f => new FileInfo(f).Length <= MaxBytes))
        {
            var beside = Path.GetDirectoryName(file)!;
            if (Path.GetFileName(file) == "template.toml" && new FileInfo(Path.Combine(beside, "docker-compose.yml")) is { Exists: true, LinkTarget: null, Length: <= MaxBytes })
            {
                yield return new(Path.GetFileName(beside), "dokploy", File.ReadAllText(Path.Combine(beside, "docker-compose.yml")), File.ReadAllText(file));
            }
            else if (Path.GetExtension(file) is ".yaml" or ".yml" && File.ReadAllText(file) is var text && CatalogTemplate.KindOf(text) is { } kind)
            {
                yield return new(Path.GetFileNameWithoutExtension(file), kind, text);
            }
        }
    }
}
