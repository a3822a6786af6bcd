using System.Globalization;

namespace Wherry.Core.Health;

/// <summary>What the code says with which a process ended.</summary>
public static class ExitCode
{
    /// <summary>What shells answer for a command that is not there.</summary>
    public const int Missing = 127;

    /// <summary>What shells answer for a command that may not be run.</summary>
    public const int NotExecutable = 126;

    private const int FirstSignal = 128;

    private static readonly Dictionary<int, string> Signals = new()
    {
        [1] = "SIGHUP",
        [2] = "SIGINT",
        [3] = "SIGQUIT",
        [4] = "SIGILL",
        [5] = "SIGTRAP",
        [6] = "SIGABRT",
        [7] = "SIGBUS",
        [8] = "SIGFPE",
        [9] = "SIGKILL",
        [10] = "SIGUSR1",
        [11] = "SIGSEGV",
        [12] = "SIGUSR2",
        [13] = "SIGPIPE",
        [14] = "SIGALRM",
        [15] = "SIGTERM",
        [24] = "SIGXCPU",
        [25] = "SIGXFSZ",
        [31] = "SIGSYS",
    };

    /// <summary>Name of the signal that ended the process; <see langword="null"/> when it ended by itself.</summary>
    public static string? Signal(int code) => Signals.GetValueOrDefault(code - FirstSignal);

    /// <summary>For instance <c>3</c>, or <c>137 (SIGKILL)</c>.</summary>
    public static string Named(int code) => Signal(code) is { } signal
        ? string.Create(CultureInfo.InvariantCulture, $"{code} ({signal})")
        : code.ToString(CultureInfo.InvariantCulture);
}
