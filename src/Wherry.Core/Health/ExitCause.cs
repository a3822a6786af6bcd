using Wherry.Core.Problems;

namespace Wherry.Core.Health;

/// <summary>Why a process ended that should have gone on.</summary>
internal static class ExitCause
{
    private const string Again = "and deploy again; what served before serves on.";

    /// <param name="seen">What was found.</param>
    /// <param name="code"><see langword="null"/>: it ended, but nobody saw with which code.</param>
    public static Problem Of(Findings seen, int? code) => code switch
    {
        _ when seen.Lines.Any(l => l.Contains("exec format error", StringComparison.OrdinalIgnoreCase)) => StartCause.WrongPlatform(seen),
        _ when seen.Lines.Any(IsMissingInterpreter) => StartCause.Missing(seen),
        ExitCode.Missing => StartCause.Missing(seen),
        ExitCode.NotExecutable => StartCause.NotExecutable(seen),
        _ => new(seen.Told.Code, Sentence(seen, code), Hint(seen, code)),
    };

    /// <summary>Written by the engine's runtime: the file is there, what has to run it (an interpreter, a loader) is not.</summary>
    private static bool IsMissingInterpreter(string line) =>
        (line.StartsWith("exec ", StringComparison.Ordinal) || line.Contains("exec user process caused", StringComparison.Ordinal)) && line.Contains("no such file or directory", StringComparison.Ordinal);

    private static string Sentence(Findings seen, int? code) => (seen.Told.Code, code) switch
    {
        ("health/restarting", { } c) => $"{seen.Name} keeps restarting: it exits with code {ExitCode.Named(c)} before it is healthy.",
        ("health/exited", { } c) => $"{seen.Name} exited with code {ExitCode.Named(c)} before it was healthy.",
        (_, { } c) => $"{seen.Name} exited with code {ExitCode.Named(c)}.",
        _ => seen.Told.Message,
    };

    private static string Hint(Findings seen, int? code) => code switch
    {
        0 => $"It ended by itself. A service has to go on in the foreground: let it not put itself into the background, {Again} One that is to end has `restart: \"no\"`.",
        137 => $"It was killed: a process of its own, an operator, or the server's memory (`dmesg` tells). Mend that {Again}",
        139 or 134 or 132 or 135 => $"It crashed in native code: a library for another C library (musl, glibc) or processor is a common reason. Mend it {Again}",
        _ => $"Its last lines say why: mend it {Again}",
    };
}
