using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using static Wherry.Edge.Foreign.Caddy.CaddyJson;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>A file that Caddy looks for with each request: while it is there, answers end their connection.</summary>
/// <remarks>A change of its configuration closes every connection that is idle in that moment; a request that is on its way then is lost. After a while under this sign nobody
/// keeps one open. Where the file cannot be made, or Caddy cannot see it, a change costs what it costs without it.</remarks>
internal sealed class ClosingSign(string path, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Enough = TimeSpan.FromMilliseconds(300);

    /// <summary>In a folder that other programs may look into.</summary>
    /// <param name="home">The edge's.</param>
    /// <param name="time">Its clock.</param>
    public static ClosingSign Of(string home, TimeProvider time)
    {
        var folder = Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY") is { Length: > 0 } given ? given : "/run/wherry-edge";
        var sign = new ClosingSign(Path.Combine(folder, $"closing-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(home)))[..12]}"), time);
        sign.Lower(); // an edge that was killed may have left it
        return sign;
    }

    public JsonObject ToRoute() => Route(
        new() { ["file"] = new JsonObject { ["root"] = Plain(Path.GetDirectoryName(path)!), ["try_files"] = Array("/" + Path.GetFileName(path)) } },
        new JsonObject { ["handler"] = "headers", ["response"] = new JsonObject { ["set"] = new JsonObject { ["Connection"] = Array("close") } } });

    /// <summary>Raises it, and waits until those who ask again and again have come once.</summary>
    public async Task RaiseAsync(CancellationToken ct)
    {
        try
        {
            if (Path.GetDirectoryName(path)! is var folder && !Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
            }

            await File.WriteAllBytesAsync(path, [], ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }

        await Task.Delay(Enough, time, ct);
    }

    public void Lower()
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is none then that could stand.
        }
    }

    public void Dispose() => Lower();
}
