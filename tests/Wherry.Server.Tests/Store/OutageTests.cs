using System.Net;
using Wherry.Client;
using Wherry.Core.Problems;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Store;

/// <summary>A PostgreSQL that goes away and comes back, and servers that share one.</summary>
public sealed class OutageTests(LivePostgres postgres)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_go_through_once_each_while_connections_are_cut_again_and_again()
    {
        await using var store = await TestStore.OpenAsync(StoreKind.Postgres, postgres);
        var name = store.Location.ToString().Split('/')[^1];
        var database = store.Database;
        await database.For(TeamId.Default).ExecuteAsync("INSERT INTO project (team_id, name, created_at) VALUES (@team, 'count', 0)", null, Ct);
        using var stop = new CancellationTokenSource();
        var cuts = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await postgres.CutAsync(name);
                    await Task.Delay(40, Ct);
                }
            },
            Ct);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                for (var i = 0; i < 50; i++)
                {
                    Assert.Equal(1, await database.For(TeamId.Default).ExecuteAsync("UPDATE project SET created_at = created_at + 1 WHERE team_id = @team AND name = 'count'", null, Ct));
                }
            },
            Ct)));
        await stop.CancelAsync();
        await cuts;

        Assert.Equal(400, await database.For(TeamId.Default).FindAsync<long>("SELECT created_at FROM project WHERE team_id = @team AND name = 'count'", null, Ct));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_a_problem_without_its_password()
    {
        await using var nowhere = Database.At(StoreLocation.Parse("postgres://me:s3cret@127.0.0.1:1/wherry"));
        nowhere.Patience = TimeSpan.FromMilliseconds(300);

        var e = await Assert.ThrowsAsync<ProblemException>(() => nowhere.QueryAsync<long>("SELECT 1", null, Ct));

        Assert.Equal("store/unreachable", e.Problem.Code);
        Assert.DoesNotContain("s3cret", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_and_a_database_that_is_not_there_are_refusals()
    {
        var url = await postgres.CreateAsync();
        await using var missing = Database.At(StoreLocation.Parse(postgres.Url("nothing-here")));
        await using var wrong = Database.At(StoreLocation.Parse(url.Replace("wherry:", "wherry:x", StringComparison.Ordinal)));

        foreach (var database in new[] { missing, wrong })
        {
            var e = await Assert.ThrowsAsync<ProblemException>(() => database.QueryAsync<long>("SELECT 1", null, Ct));
            Assert.Equal("store/refused", e.Problem.Code);
            Assert.DoesNotContain(postgres.Password, e.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_servers_on_one_store_the_second_is_refused_until_the_first_ends()
    {
        var location = StoreLocation.Parse(await postgres.CreateAsync());
        await using (await Home.StartAsync(location))
        {
            var e = await Assert.ThrowsAsync<ProblemException>(() => Home.StartAsync(location));
            Assert.Equal("store/in-use", e.Problem.Code);
        }

        await using var next = await Home.StartAsync(location);
        Assert.Empty(await next.OverSocket().ProjectsAsync(Ct));
    }

    [Fact]
    public async Task A_server_whose_connections_were_cut_holds_its_store_again()
    {
        var url = await postgres.CreateAsync();
        await using var home = await Home.StartAsync(StoreLocation.Parse(url));
        await postgres.CutAsync(new Uri(url.Split('?')[0]).AbsolutePath[1..]);
        await Task.Delay(TimeSpan.FromSeconds(3), Ct); // it looks every 2 s

        await Deployments.LiveWherry.UntilAsync(async () =>
        {
            Assert.Empty(await home.OverSocket().ProjectsAsync(Ct));
            return await home.Get<Database>().HoldsLockAsync(Ct);
        });
        Assert.Equal("store/in-use", (await Assert.ThrowsAsync<ProblemException>(() => Home.StartAsync(StoreLocation.Parse(url)))).Problem.Code);
    }

    [Fact]
    public async Task An_empty_store_is_not_taken_instead_of_a_full_one()
    {
        var url = await postgres.CreateAsync();
        await using var home = await Home.StartAsync();
        await home.StopServerAsync();

        var e = await Assert.ThrowsAsync<ProblemException>(() => ServerHost.BuildAsync(home.Options with { Store = StoreLocation.Parse(url) }, Ct));

        Assert.Equal("store/not-copied", e.Problem.Code);
    }

    [Fact]
    public async Task Requests_get_a_problem_while_the_store_is_away()
    {
        await using var own = new LivePostgres(); // the others' goes on
        await using var home = await Home.StartAsync(StoreLocation.Parse(await own.CreateAsync()));
        home.Get<Database>().Patience = TimeSpan.FromMilliseconds(200);
        using var client = home.OverSocket();
        await own.StopAsync(TimeSpan.Zero);

        var e = await Assert.ThrowsAsync<ApiException>(() => client.ProjectsAsync(Ct));
        Assert.Equal(("store/unreachable", (int)HttpStatusCode.ServiceUnavailable), (e.Problem.Code, e.Status));

        await own.StartAgainAsync();
        home.Get<Database>().Patience = TimeSpan.FromSeconds(60);
        Assert.Empty(await client.ProjectsAsync(Ct));
    }
}
