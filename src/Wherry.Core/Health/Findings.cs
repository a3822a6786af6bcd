using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Health;

/// <summary>Everything that was found about a container that failed.</summary>
public sealed record Findings
{
    /// <summary>Subject of a sentence: <c>web-1</c>, <c>The release command of web</c>.</summary>
    public required string Name { get; init; }

    public required ServiceName Service { get; init; }

    /// <summary>What is known without looking closer.</summary>
    public required Problem Told { get; init; }

    /// <summary>Of the last exit; <see langword="null"/> when it never exited.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Times that the engine started it again.</summary>
    public int Restarts { get; init; }

    public bool OutOfMemory { get; init; }

    /// <summary><see langword="null"/>: it has no limit of its own.</summary>
    public ByteSize? MemoryLimit { get; init; }

    /// <summary>For instance <c>linux/arm64</c>; empty: not known.</summary>
    public string ImagePlatform { get; init; } = "";

    public string ServerPlatform { get; init; } = "";

    /// <summary>Entrypoint and arguments.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Port that the edge probes; <see langword="null"/> when it probes nothing.</summary>
    public int? ProbedPort { get; init; }

    /// <summary>The edge's last probe, when it failed.</summary>
    public ProbeReport? Probe { get; init; }

    /// <summary>Where it takes connections; <see langword="null"/>: not known.</summary>
    public IReadOnlyList<Listener>? Listeners { get; init; }

    /// <summary>What its own health check printed last, as one line.</summary>
    public string? CheckOutput { get; init; }

    /// <summary>The last lines that it wrote.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>Services that wait for it.</summary>
    public IReadOnlyList<ServiceName> Waiting { get; init; } = [];

    /// <summary>What was found, a line each; the log comes last.</summary>
    public IReadOnlyList<string> Evidence() =>
    [
        .. Line(ExitCode is { } code ? $"exit code {Health.ExitCode.Named(code)}{(Restarts > 0 ? $", started again {Restarts} times" : "")}" : null),
        .. Line(OutOfMemory || ExitCode is 137 ? MemoryLimit is { } limit ? $"memory limit {limit}" : "no memory limit of its own" : null),
        .. Line(IsForAnotherPlatform ? $"the image is made for {ImagePlatform}, the server is {ServerPlatform}" : null),
        .. Line(ExitCode is Health.ExitCode.Missing or Health.ExitCode.NotExecutable && Command.Count > 0 ? $"command: {string.Join(' ', Command)}" : null),
        .. Line(Probe?.ToString()),
        .. Line(ProbedPort is not null && ExitCode is null && Listeners is { } l ? l.Count == 0 ? "listens on no port" : $"listens on {string.Join(", ", l)}" : null),
        .. Line(CheckOutput is { Length: > 0 } output && !Told.Message.Contains(output, StringComparison.Ordinal) ? $"last health check: {output}" : null),
        .. Line(Waiting.Count > 0 ? $"{Those} for {Service}" : null),
        .. Lines.Select(line => $"{Service} | {line}"),
    ];

    /// <summary>For instance <c>web waits</c>.</summary>
    public string Those => $"{string.Join(", ", Waiting)} wait{(Waiting.Count == 1 ? "s" : "")}";

    public bool IsForAnotherPlatform => ImagePlatform.Length > 0 && ServerPlatform.Length > 0 && ImagePlatform != ServerPlatform;

    private static IReadOnlyList<string> Line(string? line) => line is null ? [] : [line];
}
