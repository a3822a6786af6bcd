using Wherry.Core.Retention;

namespace Wherry.Core.Tests.Retention;

public sealed class RollbackTargetTests
{
    /// <summary>NO-02.</summary>
    [Fact]
    public void NO_02_The_last_stable_release_is_gone_back_to_and_what_is_passed_over_is_said()
    {
        var (to, note) = RollbackTarget.Choose([(1, true), (2, true), (3, false), (4, false)], 4)!.Value;

        Assert.Equal(2, to);
        Assert.Contains("r3 served less than 10 min and is passed over", note, StringComparison.Ordinal);
    }

    /// <summary>NO-02.</summary>
    [Fact]
    public void NO_02_Never_to_itself_and_never_forward() =>
        Assert.Equal((1, null), RollbackTarget.Choose([(1, true), (2, true), (3, true)], 2)!.Value);

    [Fact]
    public void Without_a_stable_one_the_newest_that_served_counts_and_that_is_said()
    {
        var (to, note) = RollbackTarget.Choose([(1, false), (2, false)], 3)!.Value;

        Assert.Equal(2, to);
        Assert.Contains("no release before r3 served for 10 min", note, StringComparison.Ordinal);
    }

    [Fact]
    public void There_may_be_none() => Assert.Null(RollbackTarget.Choose([(3, true)], 3));
}
