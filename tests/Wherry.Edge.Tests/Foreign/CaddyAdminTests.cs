using Microsoft.AspNetCore.Http;
using Wherry.Edge.Foreign.Caddy;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign;

public sealed class CaddyAdminTests
{
    [Fact]
    public async Task A_configuration_without_a_mark_is_not_changed()
    {
        await using var old = await Backend.StartAsync("old"); // answers as a Caddy did before there were marks
        old.On("/config/", http => http.Response.WriteAsync("{}"));
        using var admin = new CaddyAdmin($"http://{old.Address}:{old.Port}", TimeProvider.System);

        var problem = await EdgeControl.ProblemOfAsync(() => admin.GetAsync(TestContext.Current.CancellationToken));

        Assert.Equal("edge/proxy-refused", problem.Code);
        Assert.Contains("Etag", problem.Message, StringComparison.Ordinal);
    }
}
