using Wherry.Core.Problems;

namespace Wherry.Server.Logs;

/// <summary>Writes the log of one deployment. Safe for several writers at once; secrets are masked before anything reaches the disk.</summary>
public sealed partial class DeploymentLog : IDisposable
{
    /// <summary>Source of the lines that tell why the deployment failed; who shows the deployment's problem leaves them out.</summary>
    public const string ProblemSource = "problem";

    private readonly LogLease _lease;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private SecretMask _mask;
    private bool _lost;

    internal DeploymentLog(LogLease lease, SecretMask mask, TimeProvider time, ILogger logger) =>
        (_lease, _mask, _time, _logger) = (lease, mask, time, logger);

    /// <summary>What is masked from now on; more becomes known when the model is resolved.</summary>
    public SecretMask Mask
    {
        get => Volatile.Read(ref _mask);
        set => Volatile.Write(ref _mask, value);
    }

    /// <summary>Appends text, each of its lines with its own record.</summary>
    /// <param name="source">The step, for instance <c>build web</c>.</param>
    /// <param name="stream"><c>stdout</c>, <c>stderr</c> or <c>wherry</c>.</param>
    /// <param name="text">Whole lines; for output that comes in pieces use <see cref="Lines"/>.</param>
    /// <remarks>Never throws for a full or broken disk: a deployment does not fail for its log. What is lost is said once in the server's log.</remarks>
    public Task WriteAsync(string source, string stream, string text)
    {
        Append(source, stream, text);
        return Task.CompletedTask;
    }

    /// <summary>Appends why the deployment failed: what happened, what was seen, what to do.</summary>
    public Task WriteAsync(Problem problem) => WriteAsync(
        ProblemSource, "wherry", string.Join('\n', [problem.Message, .. problem.Evidence.Select(line => $"  {line}"), $"  → {problem.Hint}", $"  ({problem.Code})"]));

    /// <summary>Takes output in pieces of any size and appends it line by line. Dispose it at the end of the output.</summary>
    public LineAssembler Lines(string source, string stream) => new(line => Append(source, stream, line));

    /// <summary>Ends the log: followers get what is left and then the end. Idempotent.</summary>
    public void Complete()
    {
        Guard("end", _lease.Log.Complete);
        Dispose();
    }

    /// <summary>Lets go without ending the log: the deployment goes on later.</summary>
    public void Dispose() => _lease.Dispose();

    private void Append(string source, string stream, string text)
    {
        var at = _time.GetUtcNow();
        var mask = Mask;
        var records = text.TrimEnd('\n').Split('\n').Select(line => new LogRecord(at, source, stream, mask.Apply(line.TrimEnd('\r')))).ToArray();
        Guard(source, () => _lease.Log.Append(records));
    }

    private void Guard(string source, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!Interlocked.Exchange(ref _lost, true))
            {
                LogLost(source, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The log of a deployment cannot be written ({Source}); the deployment goes on without")]
    private partial void LogLost(string source, Exception exception);
}
