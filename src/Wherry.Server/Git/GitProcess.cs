using System.Diagnostics;
using System.Text;

namespace Wherry.Server.Git;

/// <summary>A running <c>git</c>. Disposing it ends it with everything that it started.</summary>
internal sealed class GitProcess : IAsyncDisposable
{
    private const int MaxErrorChars = 16 << 10;

    private readonly Process _process;
    private readonly Task<string> _error;

    public GitProcess(Process process)
    {
        _process = process;
        _error = ReadErrorAsync();
    }

    /// <summary>Standard input, until <see cref="EndInput"/>.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>Standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Tells git that this was all. Idempotent.</summary>
    public void EndInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Git closed it first.
        }
    }

    /// <summary>Waits until it has ended by itself, at most <paramref name="grace"/>.</summary>
    public async Task WaitAsync(TimeSpan grace)
    {
        try
        {
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(grace); // the caller is gone; the grace is the limit
        }
        catch (TimeoutException)
        {
            // Disposing it ends it.
        }
    }

    /// <summary>Waits for its end. Its output must have been read before.</summary>
    /// <returns>Exit code and the end of what it wrote to standard error.</returns>
    public async Task<(int ExitCode, string Error)> ExitAsync(CancellationToken ct)
    {
        await _process.WaitForExitAsync(ct);
        return (_process.ExitCode, await _error.WaitAsync(ct));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None); // it was killed: this ends
        }

        _process.Dispose();
    }

    /// <summary>Reads on past the limit, so that git never waits for us; keeps the end, where the reason stands.</summary>
    private async Task<string> ReadErrorAsync()
    {
        var kept = new StringBuilder();
        var buffer = new char[4096];
        try
        {
            int read;
            while ((read = await _process.StandardError.ReadAsync(buffer)) > 0)
            {
                kept.Append(buffer, 0, read);
                if (kept.Length > 2 * MaxErrorChars)
                {
                    kept.Remove(0, kept.Length - MaxErrorChars);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process was ended in between; what was read is all there is.
        }

        return kept.ToString().Trim();
    }
}
