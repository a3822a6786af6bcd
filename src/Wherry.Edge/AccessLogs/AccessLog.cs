using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Wherry.Edge.AccessLogs;

/// <summary>One JSON line per request, written in the background. A request never waits for the disk: when it cannot keep up, lines are dropped and counted.</summary>
internal sealed partial class AccessLog : IAsyncDisposable
{
    private const int MaxWaitingBytes = 8 << 20;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    private readonly Lock _lock = new();
    private readonly RotatingFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger<AccessLog> _logger;
    private readonly SemaphoreSlim _something = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Utf8JsonWriter _json;
    private readonly Task _writing;
    private ArrayBufferWriter<byte> _filling = new(16 << 10);
    private ArrayBufferWriter<byte> _emptying = new(16 << 10);
    private long _dropped;

    public AccessLog(RotatingFile file, TimeProvider time, ILogger<AccessLog> logger)
    {
        _file = file;
        _time = time;
        _logger = logger;
        _json = new(_filling, new JsonWriterOptions { SkipValidation = true });
        _writing = WriteAsync();
    }

    public long Dropped => Volatile.Read(ref _dropped);

    public void Add(in AccessEntry entry)
    {
        lock (_lock)
        {
            if (_filling.WrittenCount > MaxWaitingBytes)
            {
                _dropped++;
                return;
            }

            var first = _filling.WrittenCount == 0;
            _json.Reset(_filling);
            entry.WriteTo(_json);
            _json.Flush();
            _filling.Write(NewLine);
            if (first && _something.CurrentCount == 0)
            {
                _something.Release();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _writing;
        await FlushAsync();
        await _file.DisposeAsync();
        await _json.DisposeAsync();
        _something.Dispose();
        _stopping.Dispose();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                await _something.WaitAsync(_stopping.Token);
                await Task.Delay(Gather, _time, _stopping.Token);
                await FlushAsync();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The rest is flushed by whoever stops the log.
        }
    }

    private async Task FlushAsync()
    {
        lock (_lock)
        {
            (_filling, _emptying) = (_emptying, _filling);
        }

        try
        {
            await _file.AppendAsync(_emptying.WrittenMemory, CancellationToken.None); // ends by itself; a half line would be worse
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotWritten(e);
        }

        _emptying.ResetWrittenCount();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Access log lines were lost")]
    private partial void LogNotWritten(Exception exception);
}
