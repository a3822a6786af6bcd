using Wherry.Core.Retention;

namespace Wherry.Core.Tests.Retention;

public sealed class ReleaseRetentionTests
{
    [Fact]
    public void The_current_release_and_the_newest_that_served_are_kept() => Assert.Equal([1, 2], Expired(current: 5, keep: 2, "1 2 3 4 5"));

    [Fact]
    public void A_release_that_never_served_is_nothing_to_go_back_to() => Assert.Equal([1, 3, 4], Expired(current: 5, keep: 1, "1 2 3- 4- 5"));

    [Fact]
    public void After_a_rollback_the_newer_ones_stay() => Assert.Equal([1], Expired(current: 3, keep: 1, "1 2 3 4 5-"));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void One_to_go_back_to_is_always_kept(int keep) => Assert.Equal([1], Expired(current: 3, keep, "1 2 3"));

    [Fact]
    public void Nothing_goes_before_anything_serves() => Assert.Empty(Expired(current: null, keep: 1, "1- 2- 3-"));

    /// <summary>Numbers of releases; a minus stands behind those that never served.</summary>
    private static IReadOnlyList<int> Expired(int? current, int keep, string releases) =>
        ReleaseRetention.Expired(releases.Split(' ').Select(r => (int.Parse(r.TrimEnd('-'), null), !r.EndsWith('-'))), current, keep);
}
