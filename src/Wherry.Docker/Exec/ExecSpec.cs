namespace Wherry.Docker;

/// <summary>A command to run inside a running container.</summary>
public sealed record ExecSpec
{
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Added to the container's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? WorkingDir { get; init; }

    /// <summary>User or uid, with <c>:group</c> if wanted. Default: the container's.</summary>
    public string? User { get; init; }

    /// <summary>With all rights of the kernel, whatever the container has.</summary>
    public bool Privileged { get; init; }

    /// <summary>Give it a terminal; stdout and stderr are then one.</summary>
    public bool Tty { get; init; }

    /// <summary>Whether the session can write to it.</summary>
    public bool AttachStdin { get; init; }
}

/// <summary>What a command printed and how it ended.</summary>
/// <param name="IsCut">Some output was beyond the cap and is missing.</param>
public sealed record ExecResult(int ExitCode, string Stdout, string Stderr, bool IsCut);

internal sealed record ExecCreateWire
{
    public required IReadOnlyList<string> Cmd { get; init; }

    public IReadOnlyList<string>? Env { get; init; }

    public string? WorkingDir { get; init; }

    public string? User { get; init; }

    public bool Privileged { get; init; }

    public bool Tty { get; init; }

    public bool AttachStdin { get; init; }

    public bool AttachStdout { get; init; } = true;

    public bool AttachStderr { get; init; } = true;

    public string DetachKeys { get; init; } = TerminalKeys.NeverDetach;

    public static ExecCreateWire Of(ExecSpec spec) => new()
    {
        Cmd = spec.Command,
        Env = [.. spec.Environment.Select(e => $"{e.Key}={e.Value}")],
        WorkingDir = spec.WorkingDir,
        User = spec.User,
        Privileged = spec.Privileged,
        Tty = spec.Tty,
        AttachStdin = spec.AttachStdin,
    };
}

/// <summary>The engine watches a terminal's input for keys that detach, by default Ctrl-P Ctrl-Q, and swallows them.</summary>
internal static class TerminalKeys
{
    /// <summary>It cannot be turned off, only moved to keys that nobody types and no file contains.</summary>
    public static readonly string NeverDetach = string.Join(',', Enumerable.Repeat("ctrl-^,ctrl-@,ctrl-_,ctrl-@", 8));
}

internal sealed record ExecStartWire(bool Detach, bool Tty);

internal sealed record ExecInspectWire(bool Running, int? ExitCode, int Pid);
