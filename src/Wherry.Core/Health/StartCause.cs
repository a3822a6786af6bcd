using Wherry.Core.Problems;

namespace Wherry.Core.Health;

/// <summary>Why a process did not even begin.</summary>
public static class StartCause
{
    /// <summary>What the engine's refusal to start a container means; the problem itself when it says nothing more.</summary>
    public static Problem Of(Findings seen)
    {
        var words = seen.Told.Message;
        var cause = words switch
        {
            _ when Says(words, "error mounting", "bind source path does not exist", "failed to mount", "error while mounting") => Mount(seen),
            _ when Says(words, "exec format error") => WrongPlatform(seen),
            _ when Says(words, "permission denied") && Says(words, "exec:", "exec ") => NotExecutable(seen),
            _ when seen.Told.Code == "docker/command-not-found" => Missing(seen),
            _ => seen.Told,
        };
        return cause == seen.Told ? seen.Told : cause with { Evidence = [$"the engine said: {words}", .. seen.Evidence()] };
    }

    internal static Problem WrongPlatform(Findings seen) => new(
        "health/wrong-platform",
        $"{seen.Name} cannot run on this server: its program is made for another kind of processor{(seen.ServerPlatform.Length > 0 ? $" than {seen.ServerPlatform}" : "")}{(seen.IsForAnotherPlatform ? $" (the image says {seen.ImagePlatform})" : "")}.",
        $"Build or name the image for {Platform(seen)}: `docker build --platform {Platform(seen)}`. If it is a script, let its first line name its interpreter: `#!/bin/sh`.");

    internal static Problem Missing(Findings seen) => new(
        "health/executable-missing",
        $"{seen.Name} cannot run: its command {Program(seen)}is not in the image, or what has to run it is not.",
        "Check `command` and `entrypoint` and that the image has the program in its PATH. If the file is there: a script must not end its lines with CR LF, its first line must name an interpreter that the image has, and a program for glibc does not run on Alpine.");

    internal static Problem NotExecutable(Findings seen) => new(
        "health/not-executable",
        $"{seen.Name} cannot run: its command {Program(seen)}is not executable.",
        "Let the image make it so: `RUN chmod +x FILE`, or `COPY --chmod=755`; in Git, `git update-index --chmod=+x FILE`. If `user` is set, that user has to be allowed as well.");

    private static Problem Mount(Findings seen) => new(
        "volume/mount-failed",
        $"{seen.Name} cannot start: something cannot be mounted into it.",
        "Compare what is mounted: a file goes onto a file and a folder onto a folder, and a host path has to exist on the server. Correct `volumes` and deploy again.");

    private static string Program(Findings seen) => seen.Command.Count > 0 ? $"{Problem.Quoted(seen.Command[0])} " : "";

    private static string Platform(Findings seen) => seen.ServerPlatform.Length > 0 ? seen.ServerPlatform : "linux/amd64";

    private static bool Says(string words, params ReadOnlySpan<string> any)
    {
        foreach (var part in any)
        {
            if (words.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
