using System.Text;
using Wherry.Client;

namespace Wherry.Bench.Measurements;

/// <summary><c>git push</c> of a one-line change until it is live, beside a build by the Engine (what <c>docker build</c> asks for, without the start of a client) and a swap by hand.</summary>
internal static class PushToLive
{
    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var project = await bench.ProjectAsync(ct);
        var token = await bench.Client.CreateTokenAsync(new CreateToken($"bench-{project}", TokenScope.Deploy, 3600), ct);
        var pushed = bench.Folder("pushed");
        var built = bench.Folder("built");
        var git = GitEnvironment(token.Secret);
        await Command.RunAsync(pushed, git, ct, "git", "init", "--quiet", "--initial-branch=main");
        await using var hand = new HandWritten();
        var times = await SideBySide.RunAsync(
            options.Runs,
            async run =>
            {
                await WriteAsync(built, $"hand {run} {project}", ct);
                await WriteAsync(pushed, $"wherry {run}", ct);
                await Command.RunAsync(pushed, git, ct, "git", "add", "--all");
                await Command.RunAsync(pushed, git, ct, "git", "commit", "--quiet", "--message", $"change {run}");
                return await Command.RunUntilAsync(BenchHome.Switched, pushed, git, ct, "git", "push", $"http://{bench.ApiAddress}/git/{project}.git", "main");
            },
            async _ =>
            {
                await bench.BuildAsync(built, BenchHome.HandImage, new Dictionary<string, string>(), ct);
                await hand.SwapAsync(BenchHome.HandImage, ct);
            });

        await bench.RemoveAsync(project);
        return times.Rows(
            "Push of a one-line change, from `git push` until it is live and the old replica drained",
            "The same until the old container is removed and `git push` ends");
    }

    private static async Task WriteAsync(string folder, string line, CancellationToken ct)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "Dockerfile"), "FROM node:20-slim\nCOPY server.js /server.js\nEXPOSE 3000\nCMD [\"node\", \"/server.js\"]\n", ct);
        await File.WriteAllTextAsync(Path.Combine(folder, "server.js"), $$"""
            const server = require('node:http').createServer((req, res) => res.end('{{line}}'));
            process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
            server.listen(3000);

            """, ct);
    }

    private static Dictionary<string, string> GitEnvironment(string token) => new()
    {
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_AUTHOR_NAME"] = "Bench",
        ["GIT_AUTHOR_EMAIL"] = "bench@localhost",
        ["GIT_COMMITTER_NAME"] = "Bench",
        ["GIT_COMMITTER_EMAIL"] = "bench@localhost",
        ["GIT_CONFIG_COUNT"] = "2",
        ["GIT_CONFIG_KEY_0"] = "http.extraHeader",
        ["GIT_CONFIG_VALUE_0"] = $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"wherry:{token}"))}",
        ["GIT_CONFIG_KEY_1"] = "http.proxy",
        ["GIT_CONFIG_VALUE_1"] = "",
    };
}
