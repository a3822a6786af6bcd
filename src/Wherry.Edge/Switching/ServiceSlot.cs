using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Metrics;
using Wherry.Edge.Rules;
using Wherry.Edge.Sites;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Switching;

/// <summary>A service as one snapshot has it. The targets are fixed; what lives longer than a redeploy hangs on it.</summary>
internal sealed class ServiceSlot(string key, EdgeService service, IReadOnlyList<LiveTarget> targets, Admission admission, TrafficCounters counters, RoutePolicies policies)
{
    private readonly LiveTarget[] _targets = [.. targets];

    /// <summary>Those that get the share of a split, and the rest; without a split all are the rest.</summary>
    private readonly LiveTarget[] _shared = [.. targets.Where(t => HasShare(service, t))];
    private readonly LiveTarget[] _others = [.. targets.Where(t => !HasShare(service, t))];

    /// <summary>Those that answer visitors.</summary>
    private readonly LiveTarget[] _answering = [.. targets.Where(t => Answers(service, t))];

    public string Key => key;

    public EdgeService Service => service;

    public IReadOnlyList<LiveTarget> Targets => _targets;

    /// <summary>Whether requests are let in; shared by all versions of the service.</summary>
    public Admission Admission => admission;

    /// <summary>Shared by all versions of the service.</summary>
    public TrafficCounters Counters => counters;

    /// <summary>How many targets answer visitors.</summary>
    public int Answering => _answering.Length;

    /// <summary>The rules of its routes.</summary>
    public RoutePolicies Policies => policies;

    /// <summary>Served without asking a target; <see langword="null"/>: none.</summary>
    public SiteFiles? Files { get; init; }

    /// <summary><see langword="null"/>: all targets take turns.</summary>
    public Split? Split { get; } = service.Split is { } rule ? new(rule) : null;

    /// <summary>What came of both sides of the split.</summary>
    public SplitCounters? Sides { get; } = counters.OfSplit(service.Split);

    /// <summary><see langword="null"/>: all targets take everything.</summary>
    public Readers? Readers { get; } = service.Rules?.Readers is { } rule && targets.Any(t => Answers(service, t) && Reads(service, t)) && targets.Any(t => Answers(service, t) && !Reads(service, t)) ? new(rule, targets.Where(t => Reads(service, t))) : null;

    /// <summary>No replica: the service is known, but stopped.</summary>
    public bool Stopped => _answering.Length == 0;

    /// <summary>The same with fewer routes.</summary>
    public ServiceSlot With(IReadOnlyList<Route> routes, IReadOnlyList<TcpRoute> tcp) => new(key, service with { Routes = routes, Tcp = tcp.Count > 0 ? tcp : null }, targets, admission, counters, policies) { Files = Files };

    /// <summary>Claims the next target in turn, a healthy one if there is any.</summary>
    /// <param name="except">Targets that just refused a connection.</param>
    /// <param name="visitor">What is known of who asks.</param>
    /// <returns><see langword="null"/> when every target is draining, that is when a newer snapshot is in force, or when only <paramref name="except"/> are left.</returns>
    public LiveTarget? Claim(List<LiveTarget> except, Visitor visitor)
    {
        var side = visitor.HasShare ? _shared : _others;
        var role = Readers is null ? Role.Any : visitor.Reads ? Role.Reader : Role.Writer;
        if (visitor.Sticky is { } sticky && Array.Find(side, t => t.StickyValue == sticky) is { Healthy: true } known && Fits(known, role) && !except.Contains(known) && known.TryClaim())
        {
            return known;
        }

        // When all are ejected a probe may be wrong about all of them: keep serving with what there is. What writes never goes to a reader.
        var first = counters.NextTurn();
        return ClaimWell(side, first, except, role)
            ?? (side.Length < _answering.Length ? ClaimWell(_answering, first, except, role) : null)
            ?? Claim(_answering, first, except, healthyOnly: false, role is Role.Writer ? role : Role.Any);
    }

    /// <summary>Claims the next of the targets that get copies.</summary>
    /// <returns><see langword="null"/> when none is well.</returns>
    public LiveTarget? ClaimMirror() => Claim(_shared, counters.NextTurn(), [], healthyOnly: true);

    /// <summary>Where a request is counted that this target answers, while the traffic is split.</summary>
    public SideCounters? SideOf(LiveTarget target) => Sides is null ? null : Array.IndexOf(_shared, target) < 0 ? Sides.Others : Sides.Shared;

    /// <summary>Writers read where no reader can.</summary>
    private LiveTarget? ClaimWell(LiveTarget[] among, uint first, List<LiveTarget> except, Role role) =>
        Claim(among, first, except, !Panics(role), role)
        ?? (role is Role.Reader ? Claim(among, first, except, !Panics(Role.Writer), Role.Writer) : null);

    private LiveTarget? Claim(LiveTarget[] targets, uint first, List<LiveTarget> except, bool healthyOnly, Role role = Role.Any)
    {
        LiveTarget? least = null;
        for (var i = 0u; i < targets.Length; i++)
        {
            var target = targets[(first + i) % (uint)targets.Length];
            if ((except.Count > 0 && except.Contains(target)) || (healthyOnly && !target.Healthy) || !Fits(target, role) || target.Draining)
            {
                continue;
            }

            if (service.Rules?.Balance is Balance.LeastRequests)
            {
                least = least?.InFlight <= target.InFlight ? least : target;
            }
            else if (target.TryClaim())
            {
                return target;
            }
        }

        return least?.TryClaim() == true ? least : null;
    }

    /// <summary>So many are out of the rotation that it is not they who are at fault.</summary>
    private bool Panics(Role role)
    {
        if (service.Rules?.Outliers is not { } rule)
        {
            return false;
        }

        var (all, well) = (0, 0);
        foreach (var target in _answering)
        {
            all += Fits(target, role) ? 1 : 0;
            well += Fits(target, role) && target.Healthy ? 1 : 0;
        }

        return well * 100 < rule.PanicBelow * all;
    }

    private bool Fits(LiveTarget target, Role role) => role is Role.Any || Readers!.Has(target) == role is Role.Reader;

    private static bool Reads(EdgeService service, LiveTarget target) => service.Readers?.Contains(target.Id) == true;

    /// <summary>Not one that only gets copies.</summary>
    private static bool Answers(EdgeService service, LiveTarget target) => service.Split?.Mirror is null || !HasShare(service, target);

    private static bool HasShare(EdgeService service, LiveTarget target) => service.Split?.Targets.Contains(target.Id) == true;

    private enum Role
    {
        Any,
        Reader,
        Writer,
    }
}

/// <summary>What decides which target a visitor gets.</summary>
/// <param name="HasShare">Belongs to those for whom the split's targets are.</param>
/// <param name="Sticky">What his cookie says of where he was before; <see langword="null"/>: nothing.</param>
/// <param name="Reads">A target that only reads may answer.</param>
internal readonly record struct Visitor(bool HasShare, string? Sticky, bool Reads = false);
