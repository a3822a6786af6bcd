using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Reconcile;

namespace Wherry.Core.Tests.Planning;

/// <summary>A service that lives in a namespace of another one goes where that one goes.</summary>
public sealed class SharingPlanTests
{
    [Fact]
    public void DC_09_Who_shares_the_network_of_a_replaced_service_is_recreated() => Assert.Equal(
        ["start vpn-2", "stop box-1", "start box-2", "wait until vpn-2 is healthy", "wait until box-2 is healthy", "remove box-1", "remove vpn-1"],
        Texts(A.Plan(A.Release(1, Vpn(), Box(), A.Worker("other")), A.Release(2, Vpn("image:2"), Box(), A.Worker("other")))));

    [Fact]
    public void A_changed_dweller_leaves_its_provider_alone() => Assert.Equal(
        ["stop box-1", "start box-2", "wait until box-2 is healthy", "remove box-1"],
        Texts(A.Plan(A.Release(1, Vpn(), Box()), A.Release(2, Vpn(), Box("image:2")))));

    [Fact]
    public void Who_shares_with_one_who_shares_goes_too()
    {
        var nested = A.Worker("nested") with { Sharing = new() { Pid = new(NamespaceMode.Service, A.Name("box")) }, DependsOn = [new(A.Name("box"), DependencyCondition.Started)] };

        var plan = A.Plan(A.Release(1, Vpn(), Box(), nested), A.Release(2, Vpn("image:2"), Box(), nested));

        Assert.Equal(["box", "nested", "vpn"], plan.Changes.Where(c => c.Kind == ChangeKind.Replace).Select(c => c.Service.Value).Order());
        Assert.Contains("restart", plan.Changes.Single(c => c.Service.Value == "nested").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_provider_that_vanished_takes_its_dwellers_with_it()
    {
        var release = A.Release(1, Vpn(), Box());
        var seen = new Observed { Replicas = [A.Replica(Box())] };

        Assert.Contains("start box-2", Texts(Planner.Make(new PlanInput { Current = release, Wanted = release, Seen = seen })));
        Assert.Contains("start box-2", Texts(HealPlans.Make(new PlanInput { Current = release, Wanted = release, Seen = seen }, new HealOrder { Services = ["vpn"] })));
    }

    private static ServiceSpec Vpn(string image = "image:1") => A.Worker("vpn", image);

    private static ServiceSpec Box(string image = "image:1") => A.Worker("box", image).After("vpn") with { Sharing = new() { Network = new(NamespaceMode.Service, A.Name("vpn")) } };

    private static IEnumerable<string> Texts(Plan plan) => plan.Steps.Select(s => s.Describe());
}
