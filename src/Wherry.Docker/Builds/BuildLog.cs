using System.Globalization;
using System.Text;
using Wherry.Core.Problems;

namespace Wherry.Docker;

/// <summary>Passes a build's progress on and keeps what explains a failure.</summary>
internal sealed class BuildLog(IProgress<BuildProgress>? progress)
{
    private const int LinesKept = 20;
    private readonly Queue<(int Step, string Text)> _last = new();
    private BuildProgress? _failed;
    private BuildProgress? _current;

    public void Report(BuildProgress report)
    {
        switch (report.Kind)
        {
            case BuildProgressKind.Started:
                _current = report;
                break;
            case BuildProgressKind.Failed:
                _failed = report;
                break;
            case BuildProgressKind.Log:
                _last.Enqueue((report.Step, report.Text));
                if (_last.Count > LinesKept)
                {
                    _last.Dequeue();
                }

                break;
        }

        progress?.Report(report);
    }

    /// <param name="stepName">Instruction of a step, by its number.</param>
    /// <param name="reason">The builder's last word.</param>
    public Problem Failure(Func<int, string?> stepName, string reason)
    {
        var last = _last.Select(l => l.Text).Append(reason).FirstOrDefault(t => t.Contains("no space left on device", StringComparison.OrdinalIgnoreCase));
        if (last is not null)
        {
            reason = last; // what a step printed says it as well as the builder itself
            return new("docker/disk-full", $"The engine's disk is full; the build stopped: {reason}", "Free space below the engine's data root (`docker system df` shows what takes it), then build again.");
        }

        var step = _failed?.Step ?? _current?.Step ?? 0;
        var lines = _last.Where(l => l.Step == step).Select(l => l.Text).ToArray();
        var text = new StringBuilder();
        text.Append(step == 0 ? $"The build failed: {reason}" : string.Create(CultureInfo.InvariantCulture, $"The build failed at step #{step} {stepName(step)}: {_failed?.Text ?? reason}"));
        foreach (var line in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {line}");
        }

        return new("build/failed", text.ToString(), "Mend the Dockerfile or what that step runs, then build again.");
    }
}
