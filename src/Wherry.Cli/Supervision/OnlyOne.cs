using Wherry.Core.Problems;

namespace Wherry.Cli.Supervision;

/// <summary>A lock that goes with the process that holds it, however it ends: one process per home and role.</summary>
internal sealed class OnlyOne : IDisposable
{
    private readonly FileStream _file;

    private OnlyOne(FileStream file) => _file = file;

    /// <exception cref="ProblemException"><c>up/already-runs</c>.</exception>
    public static OnlyOne InHome(string home, string role) =>
        TryInHome(home, role) ?? throw new Problem("up/already-runs", $"A {role} of {home} runs already.", "See `wherry status`; `wherry down` stops it.").AsException();

    /// <returns><see langword="null"/> when another process has the lock.</returns>
    public static OnlyOne? TryInHome(string home, string role)
    {
        var folder = Path.Combine(home, "run");
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{role}.lock");
        try
        {
            return new OnlyOne(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
