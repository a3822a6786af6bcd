using System.Globalization;

namespace Wherry.Edge.AccessLogs;

/// <summary>A file that grows to a size and then makes room: <c>access.log</c>, <c>access.log.1</c> (the newest old one), and so on.</summary>
/// <param name="maxBytes">Size at which a new file begins; a batch of lines is never split.</param>
/// <param name="keep">Old files kept.</param>
internal sealed class RotatingFile(string path, long maxBytes, int keep) : IAsyncDisposable
{
    private FileStream? _file;

    public async Task AppendAsync(ReadOnlyMemory<byte> lines, CancellationToken ct)
    {
        if (lines.IsEmpty)
        {
            return;
        }

        _file ??= Open();
        if (_file.Position > 0 && _file.Position + lines.Length > maxBytes)
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

    private FileStream Open() => new(path, new FileStreamOptions
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

        if (keep == 0)
        {
            File.Delete(path);
        }
    }

    private string Numbered(int i) => string.Create(CultureInfo.InvariantCulture, $"{path}.{i}");
}
