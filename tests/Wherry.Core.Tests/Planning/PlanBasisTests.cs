using Wherry.Core.Planning;

namespace Wherry.Core.Tests.Planning;

public sealed class PlanBasisTests
{
    [Fact]
    public void The_hash_is_of_every_part_and_of_no_order()
    {
        var one = Of(("a", "1"), ("b", "2"));

        Assert.Equal(one.Hash, Of(("b", "2"), ("a", "1")).Hash);
        Assert.NotEqual(one.Hash, Of(("a", "1"), ("b", "3")).Hash);
        Assert.NotEqual(one.Hash, Of(("a", "1")).Hash);
        Assert.True(PlanBasis.IsHash(one.Hash));
        Assert.False(PlanBasis.IsHash("../../etc/ab"));
    }

    [Fact]
    public void What_differs_is_named_with_both_values()
    {
        var moved = Of(("image", "v1"), ("source", "1a2b"), ("gone", "x")).Differences(Of(("image", "v2"), ("source", "1a2b"), ("new", "y")));

        Assert.Equal(["gone (x → none)", "image (v1 → v2)", "new (none → y)"], moved);
    }

    private static PlanBasis Of(params (string Name, string Value)[] parts) => new(parts.ToDictionary(p => p.Name, p => p.Value));
}
