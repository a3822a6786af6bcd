using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Wherry.Docker;

/// <summary>Reads steps out of the classic builder's text.</summary>
internal sealed partial class ClassicProgress(BuildLog log, TimeProvider time)
{
    private readonly LineSplitter _lines = new();
    private readonly Dictionary<int, string> _names = [];
    private int _step;
    private bool _isCached;
    private long _begun;

    public void Add(string text)
    {
        foreach (var line in _lines.Add(Encoding.UTF8.GetBytes(text)))
        {
            ReadLine(TerminalText.Shown(line));
        }
    }

    public string? NameOf(int step) => _names.GetValueOrDefault(step);

    /// <summary>Ends the step under way.</summary>
    /// <param name="failure"><see langword="null"/> when it went well.</param>
    public void Finish(string? failure)
    {
        if (_lines.HasPartial)
        {
            ReadLine(TerminalText.Shown(_lines.Flush()));
        }

        End(failure);
    }

    private void ReadLine(string line)
    {
        if (StepLine().Match(line) is { Success: true } match)
        {
            End(failure: null);
            _step = int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            _names[_step] = match.Groups[2].Value;
            _begun = time.GetTimestamp();
            log.Report(new(BuildProgressKind.Started, _step, match.Groups[2].Value));
        }
        else if (line == " ---> Using cache")
        {
            _isCached = true;
        }
        else if (line.Length > 0 && !NoiseLine().IsMatch(line))
        {
            log.Report(new(BuildProgressKind.Log, _step, line));
        }
    }

    private void End(string? failure)
    {
        if (_step > 0)
        {
            log.Report(failure is not null ? new(BuildProgressKind.Failed, _step, failure)
                : _isCached ? new(BuildProgressKind.Cached, _step, _names[_step])
                : new(BuildProgressKind.Done, _step, _names[_step], time.GetElapsedTime(_begun)));
        }

        (_step, _isCached) = (0, false);
    }

    [GeneratedRegex(@"\AStep ([0-9]{1,6})/[0-9]+ : (.*)\z")]
    private static partial Regex StepLine();

    [GeneratedRegex(@"\A(?: ---> (?:[0-9a-f]{12}|Running in [0-9a-f]{12})?\z|Removing intermediate container [0-9a-f]{12}\z|Successfully (?:built|tagged) )")]
    private static partial Regex NoiseLine();
}
