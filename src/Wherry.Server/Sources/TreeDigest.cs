using System.Security.Cryptography;
using System.Text;

namespace Wherry.Server.Sources;

/// <summary>One value for everything in a folder: paths, links and content; not times.</summary>
internal static class TreeDigest
{
    public static async Task<string> OfAsync(string root, CancellationToken ct)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = new DirectoryInfo(root).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .OrderBy(f => f.FullName, StringComparer.Ordinal);
        foreach (var file in files)
        {
            var executable = file.LinkTarget is null && file.UnixFileMode.HasFlag(UnixFileMode.UserExecute);
            all.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(root, file.FullName)}\0{file.LinkTarget}\0{executable}\0"));
            if (file.LinkTarget is null)
            {
                await using var content = file.OpenRead();
                all.AppendData(await SHA256.HashDataAsync(content, ct));
            }
        }

        return Convert.ToHexStringLower(all.GetHashAndReset())[..16];
    }
}
