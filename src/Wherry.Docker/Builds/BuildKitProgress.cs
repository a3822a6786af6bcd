using System.Text.Json;
using Google.Protobuf;
using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>Turns BuildKit's traces into progress that a person can read.</summary>
internal sealed class BuildKitProgress(BuildLog log)
{
    private readonly Dictionary<string, Step> _steps = new(StringComparer.Ordinal);
    private readonly HashSet<(string Vertex, string Status)> _reported = [];
    private int _count;

    public void Add(JsonElement aux)
    {
        if (aux.ValueKind != JsonValueKind.String || !aux.TryGetBytesFromBase64(out var bytes))
        {
            return;
        }

        var trace = Decode(bytes);
        foreach (var vertex in trace.Vertexes)
        {
            Begin(vertex);
        }

        foreach (var status in trace.Statuses.Where(s => s.IsCompleted && _reported.Add((s.Vertex, s.Id))))
        {
            ReportStatus(status);
        }

        foreach (var chunk in trace.Logs)
        {
            ReportLog(chunk);
        }

        // Output and end of a step may come in one message: the end goes last.
        foreach (var vertex in trace.Vertexes)
        {
            End(vertex);
        }
    }

    public string? NameOf(int step) => _steps.Values.FirstOrDefault(s => s.Number == step)?.Name;

    private static BuildKitTrace Decode(byte[] bytes)
    {
        try
        {
            return BuildKitTrace.Decode(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            // Progress that a future builder writes differently must not fail the build.
            return new([], [], []);
        }
    }

    private void Begin(TraceVertex vertex)
    {
        if (vertex is { Started: null, Completed: null, Cached: false } || _steps.ContainsKey(vertex.Digest))
        {
            return;
        }

        _steps[vertex.Digest] = new(++_count, vertex.Name);
        log.Report(new(BuildProgressKind.Started, _count, vertex.Name));
    }

    private void End(TraceVertex vertex)
    {
        if (vertex.Completed is not { } completed || !_steps.TryGetValue(vertex.Digest, out var step) || step.HasEnded)
        {
            return;
        }

        step.HasEnded = true;
        if (step.Lines.HasPartial)
        {
            log.Report(new(BuildProgressKind.Log, step.Number, TerminalText.Shown(step.Lines.Flush())));
        }

        log.Report(vertex switch
        {
            { Error.Length: > 0 } => new(BuildProgressKind.Failed, step.Number, vertex.Error),
            { Cached: true } => new(BuildProgressKind.Cached, step.Number, step.Name),
            _ => new(BuildProgressKind.Done, step.Number, step.Name, vertex.Started is { } started ? completed - started : null),
        });
    }

    private void ReportStatus(TraceStatus status)
    {
        if (_steps.TryGetValue(status.Vertex, out var step))
        {
            var amount = Math.Max(status.Current, status.Total);
            log.Report(new(BuildProgressKind.Detail, step.Number, amount > 0 ? $"{status.Id} {ByteSize.Of(amount)}" : status.Id));
        }
    }

    private void ReportLog(TraceLog chunk)
    {
        if (!_steps.TryGetValue(chunk.Vertex, out var step))
        {
            return;
        }

        foreach (var line in step.Lines.Add(chunk.Bytes))
        {
            log.Report(new(BuildProgressKind.Log, step.Number, TerminalText.Shown(line)));
        }
    }

    private sealed class Step(int number, string name)
    {
        public int Number => number;

        public string Name => name;

        public LineSplitter Lines { get; } = new();

        public bool HasEnded { get; set; }
    }
}
