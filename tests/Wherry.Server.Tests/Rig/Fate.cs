using System.Diagnostics;
using System.Globalization;

namespace Wherry.Server.Tests.Rig;

/// <summary>Where a server process dies: before or behind one of the moments of a deployment, counted from its start.</summary>
/// <remarks>Moments are the beginnings and ends of the spans that a deployment is traced with: its steps, and the calls to engine and edge inside them. One that is added later is met by itself.</remarks>
internal sealed class Fate : IDisposable
{
    private readonly Lock _one = new();
    private readonly HashSet<ActivityTraceId> _deployments = [];
    private readonly string _home;
    private readonly ActivityListener _listener;
    private int _count;

    private Fate(string home)
    {
        _home = home;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("Wherry", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = a => Reach(a, "begins"),
            ActivityStopped = a => Reach(a, "ends"),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public static Fate In(string home) => new(home);

    /// <summary>Lets the servers of this home die at a moment of the deployment that they drive or take up.</summary>
    /// <param name="home">The state folder.</param>
    /// <param name="of">What counts: <c>step</c>, or nothing for all spans.</param>
    /// <param name="moment">From 0; <see langword="null"/>: they live.</param>
    public static void Set(string home, string of, int? moment)
    {
        File.Delete(MomentsFile(home));
        File.WriteAllText(FateFile(home), string.Create(CultureInfo.InvariantCulture, $"{of}:{moment}"));
    }

    /// <summary>The moments that were reached since <see cref="Set"/>.</summary>
    public static IReadOnlyList<string> Reached(string home) => File.Exists(MomentsFile(home)) ? File.ReadAllLines(MomentsFile(home)) : [];

    public void Dispose() => _listener.Dispose();

    private static string FateFile(string home) => Path.Combine(home, "fate");

    private static string MomentsFile(string home) => Path.Combine(home, "moments");

    private void Reach(Activity activity, string what)
    {
        lock (_one)
        {
            if (activity.Parent is null && activity.OperationName == "deployment" && what == "begins")
            {
                _deployments.Add(activity.TraceId);
                _count = 0;
            }

            var fate = File.Exists(FateFile(_home)) ? File.ReadAllText(FateFile(_home)).Split(':') : null;
            if (fate is null || !_deployments.Contains(activity.TraceId) || !activity.OperationName.StartsWith(fate[0], StringComparison.Ordinal))
            {
                return;
            }

            File.AppendAllText(MomentsFile(_home), $"{activity.DisplayName} {what}\n");
            if (fate[1] == _count++.ToString(CultureInfo.InvariantCulture))
            {
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite); // SIGKILL takes a moment, in which nothing more may happen
            }
        }
    }
}
