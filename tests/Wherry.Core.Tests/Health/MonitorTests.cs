using Wherry.Core.Health;

namespace Wherry.Core.Tests.Health;

/// <summary>NO-13: healthy only after it has been so on end.</summary>
public sealed class MonitorTests
{
    private static readonly HealthGate Gate = new(Edge: true, Engine: false, TimeSpan.Zero, TimeSpan.FromSeconds(60), MayComplete: false, TimeSpan.FromSeconds(10));

    [Fact]
    public void NO_13_A_replica_passes_when_it_was_healthy_on_end_and_flapping_begins_it_anew()
    {
        var history = new HealthHistory();
        Verdict At(int second, bool well, int startedAt = 0, int restarts = 0)
        {
            var now = A.Noon + TimeSpan.FromSeconds(second);
            return Gate.Judge(history.With([new ReplicaHealth(1, A.Noon + TimeSpan.FromSeconds(startedAt), Restarts: restarts, Edge: well ? new EdgeVerdict(null) : null)], Gate, now)[0], now);
        }

        Assert.IsType<Verdict.Wait>(At(0, well: false));
        Assert.IsType<Verdict.Wait>(At(2, well: true));
        Assert.IsType<Verdict.Wait>(At(11, well: true));
        Assert.IsType<Verdict.Wait>(At(12, well: false));
        Assert.IsType<Verdict.Wait>(At(13, well: true));
        Assert.IsType<Verdict.Wait>(At(22, well: true));
        Assert.IsType<Verdict.Pass>(At(23, well: true));
        Assert.IsType<Verdict.Fail>(At(24, well: true, startedAt: 24, restarts: 1));
    }

    [Theory]
    [InlineData(74, typeof(Verdict.Wait))]
    [InlineData(75, typeof(Verdict.Fail))]
    public void NO_13_One_that_flaps_on_and_on_fails_at_last(int second, Type expected) =>
        Assert.IsType(expected, Gate.Judge(new ReplicaHealth(1, A.Noon, Edge: new EdgeVerdict(null), HealthySince: A.Noon + TimeSpan.FromSeconds(second - 3)), A.Noon + TimeSpan.FromSeconds(second)));

    [Fact]
    public void NO_13_Without_a_time_the_first_good_answer_is_enough() =>
        Assert.IsType<Verdict.Pass>((Gate with { Monitor = TimeSpan.Zero }).Judge(new ReplicaHealth(1, A.Noon, Edge: new EdgeVerdict(null)), A.Noon));
}
