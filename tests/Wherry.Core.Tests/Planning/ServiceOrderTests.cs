using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Core.Tests.Planning;

public sealed class ServiceOrderTests
{
    [Fact]
    public void DC_03_Dependencies_come_before_who_depends_on_them() =>
        AssertOrder("db, cache, web", A.Web().After("cache"), A.Worker("cache").After("db"), A.Worker("db"));

    [Fact]
    public void KM_17_What_has_routes_comes_before_workers_with_only_what_it_needs_before_it() =>
        AssertOrder("db, web, a-worker, z-cache", A.Worker("a-worker").After("db"), A.Web().After("db"), A.Worker("db"), A.Worker("z-cache"));

    [Fact]
    public void Equals_are_in_the_order_of_their_names() => AssertOrder("a, b, c", A.Worker("c"), A.Worker("a"), A.Worker("b"));

    [Fact]
    public void A_dependency_that_is_not_in_the_model_is_not_waited_for() => AssertOrder("web", A.Web().After("elsewhere"));

    [Fact]
    public void A_circle_is_refused_and_named()
    {
        var problem = Assert.Throws<ProblemException>(() => ServiceOrder.Of(A.Model(A.Worker("a").After("b"), A.Worker("b").After("c"), A.Worker("c").After("b")))).Problem;

        Assert.Equal("service/cycle", problem.Code);
        Assert.Contains("b → c → b", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a →", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_that_waits_for_itself_is_a_circle() =>
        Assert.Contains("a → a", Assert.Throws<ProblemException>(() => ServiceOrder.Of(A.Model(A.Worker("a").After("a")))).Message, StringComparison.Ordinal);

    private static void AssertOrder(string expected, params IEnumerable<ServiceSpec> services) =>
        Assert.Equal(expected, string.Join(", ", ServiceOrder.Of(A.Model(services)).Select(s => s.Name)));
}
