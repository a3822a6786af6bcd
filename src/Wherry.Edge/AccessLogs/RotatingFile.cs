using System.Globalization;

namespace Wherry.Edge.AccessLogs;

/// <summary>A file that grows to a size and then makes room: <c>access.log</c>, <c>access.log.1</c> (the newest old one), and so on.</summary>
/// <param name="maxBytes">Size at which a new file begins; a batch of lines is never split.</param>
/// <param name="keep">Old files kept.</param>
/// <param name="keepFor">Old files that were last written before this go, whatever their number; a file that took lines for a day is an old one.</param>
internal sealed class RotatingFile(string path, long maxBytes, int keep, TimeSpan keepFor, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private DateTimeOffset _begun;
    private FileStream? _file;

    public async Task AppendAsync(ReadOnlyMemory<byte> lines, CancellationToken ct)
    {
        if (lines.IsEmpty)
        {
            return;
        }

        _file ??= Open();
        var old = time.GetUtcNow() - _begun > Day;
        if (_file.Position > 0 && (old || _file.Position + lines.Length > maxBytes))
        {
            await _file.DisposeAsync();
            _file = null;
            Rotate();
            _file = Open();
        }

        await _file.WriteAsync(lines, ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (_file is not null)
        {
            await _file.DisposeAsync();
        }
    }

    /// <summary>A file of an earlier process goes on; when it began, its neighbour tells: that ended then.</summary>
    private FileStream Open()
    {
        var before = Numbered(1);
        _begun = !File.Exists(path) ? time.GetUtcNow() : File.Exists(before) ? File.GetLastWriteTimeUtc(before) : File.GetCreationTimeUtc(path);
        return OpenFile();
    }

    private FileStream OpenFile() => new(path, new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
    });

    private void Rotate()
    {
        for (var i = keep; i > 0; i--)
        {
            var from = i == 1 ? path : Numbered(i - 1);
            if (File.Exists(from))
            {
                File.Move(from, Numbered(i), overwrite: true);
            }
        }

        foreach (var expired in Enumerable.Range(1, keep).Select(Numbered).Where(f => File.Exists(f) && time.GetUtcNow() - File.GetLastWriteTimeUtc(f) > keepFor))
        {
            File.Delete(expired);
        }

        if (keep == 0)
        {
            File.Delete(path);
        }
    }

    private string Numbered(int i) => string.Create(CultureInfo.InvariantCulture, $"{path}.{i}");
}
