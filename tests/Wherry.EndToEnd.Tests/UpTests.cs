using System.Diagnostics;
using System.Net;
using Microsoft.Playwright;

namespace Wherry.EndToEnd.Tests;

/// <summary>The README's first command and what can be done after it, in the order of a first day.</summary>
public sealed class UpTests(Machine machine) : IClassFixture<Machine>
{
    [Fact]
    public async Task A_first_day_from_up_to_purge()
    {
        var up = await machine.UpAsync();
        var address = $"http://hello.localhost:{machine.Port}";
        Assert.EndsWith(address, up.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("remote: ", up.Output, StringComparison.Ordinal);
        await BrowserShowsHelloAsync(address);

        await UpAgainChangesNothingAsync();
        await ServerAndEdgeComeBackAsync();

        Assert.Equal(0, (await machine.WherryAsync("down")).ExitCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => machine.GetAsync("hello.localhost"));
        await machine.UpAsync();
        Assert.Equal(HttpStatusCode.OK, (await machine.GetAsync("hello.localhost")).Status);
        await APushIsLiveAndAFailedOneIsNotAsync();
        await UpLeavesAPushedPageAloneAsync();

        var id = machine.HomeId!;
        Assert.All(await machine.OwnAsync(), thing => Assert.True(thing.Contains($"{id}-hello-production", StringComparison.Ordinal) || thing.Contains($"wherry/{id}-hello/production/", StringComparison.Ordinal), thing));
        var purge = await machine.WherryAsync("down", "--purge");
        Assert.True(purge.ExitCode == 0, purge.Output);
        Assert.False(Directory.Exists(machine.Home));
        var after = await machine.EverythingAsync();
        Assert.DoesNotContain(after, thing => thing.Contains(id, StringComparison.Ordinal));
        Assert.Empty(machine.Before.Except(after));
    }

    private static async Task BrowserShowsHelloAsync(string address)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
        });
        var page = await browser.NewPageAsync();
        var response = await page.GotoAsync(address);
        Assert.Equal(200, response!.Status);
        Assert.Contains("Hello", await page.TitleAsync(), StringComparison.Ordinal);
    }

    private async Task UpAgainChangesNothingAsync()
    {
        var before = await machine.OwnAsync();
        Assert.NotEmpty(before);
        await machine.UpAsync();
        Assert.Equal(before.Order(), (await machine.OwnAsync()).Order());
    }

    private async Task APushIsLiveAndAFailedOneIsNotAsync()
    {
        var clone = machine.Folder("clone");
        var token = (await machine.WherryAsync("tokens", "create", "first-day", "--scope", "deploy", "--json")).Output;
        var secret = token[(token.IndexOf("wherry_", StringComparison.Ordinal))..].Split('"')[0];
        var status = (await machine.WherryAsync("status", "--json")).Output;
        var api = status[status.IndexOf("http://127.0.0.1:", StringComparison.Ordinal)..].Split('"')[0];
        var git = new Dictionary<string, string>
        {
            ["GIT_CONFIG_COUNT"] = "3",
            ["GIT_CONFIG_KEY_0"] = "http.extraHeader",
            ["GIT_CONFIG_VALUE_0"] = $"Authorization: Bearer {secret}",
            ["GIT_CONFIG_KEY_1"] = "user.name",
            ["GIT_CONFIG_VALUE_1"] = "First Day",
            ["GIT_CONFIG_KEY_2"] = "user.email",
            ["GIT_CONFIG_VALUE_2"] = "first@day.example",
        };
        Assert.Equal(0, (await Command.RunAsync(machine.Home, git, "git", "clone", "--quiet", $"{api}/git/hello.git", clone)).ExitCode);

        var page = Path.Combine(clone, "server.js");
        await File.WriteAllTextAsync(page, (await File.ReadAllTextAsync(page)).Replace("Hello", "Good morning", StringComparison.Ordinal));
        var push = await CommitAndPushAsync(clone, git);
        Assert.True(push.ExitCode == 0, push.Output);
        Assert.Contains("remote: ", push.Output, StringComparison.Ordinal);
        Assert.Contains("Good morning", (await machine.GetAsync("hello.localhost")).Body, StringComparison.Ordinal);

        await File.WriteAllTextAsync(page, "throw new Error('no coffee');\n");
        var failed = await CommitAndPushAsync(clone, git);
        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains("no coffee", failed.Output, StringComparison.Ordinal);
        Assert.Contains("health/", failed.Output, StringComparison.Ordinal);
        Assert.Contains("Good morning", (await machine.GetAsync("hello.localhost")).Body, StringComparison.Ordinal);
    }

    private async Task UpLeavesAPushedPageAloneAsync()
    {
        var up = await machine.UpAsync();

        Assert.Contains("work of its own on main", up.Output, StringComparison.Ordinal);
        Assert.EndsWith($"http://hello.localhost:{machine.Port}", up.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("Good morning", (await machine.GetAsync("hello.localhost")).Body, StringComparison.Ordinal);
    }

    private static async Task<Command> CommitAndPushAsync(string clone, IReadOnlyDictionary<string, string> git)
    {
        Assert.Equal(0, (await Command.RunAsync(clone, git, "git", "commit", "--quiet", "--all", "--message", "change")).ExitCode);
        return await Command.RunAsync(clone, git, "git", "push", "origin", "HEAD:main");
    }

    /// <summary>kill -9 of both; the supervisor starts them again and the page is served as before.</summary>
    private async Task ServerAndEdgeComeBackAsync()
    {
        var mine = Process.GetProcesses().Where(p => IsRole(p, "server") || IsRole(p, "edge")).ToList();
        Assert.Equal(2, mine.Count);
        mine.ForEach(p => p.Kill());

        var limit = Stopwatch.StartNew();
        while (true)
        {
            var status = await machine.WherryAsync("status");
            if (status.ExitCode == 0 && status.Output.Contains("running", StringComparison.Ordinal) && (await TryGetAsync()) == HttpStatusCode.OK)
            {
                return;
            }

            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(60), status.Output);
            await Task.Delay(500);
        }
    }

    private async Task<HttpStatusCode?> TryGetAsync()
    {
        try
        {
            return (await machine.GetAsync("hello.localhost")).Status;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private bool IsRole(Process process, string role)
    {
        try
        {
            var arguments = File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0');
            return arguments.Contains(role) && arguments.Contains(machine.Home);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
