using System.Text;
using Wherry.Cli.Frame;
using Wherry.Compose.Exporting;
using Wherry.Core.Problems;

namespace Wherry.Cli.Export;

/// <summary>Prints an export or writes it into a folder, and reports what it lost.</summary>
internal static class ExportOutput
{
    /// <summary>The first file; the others only have their names told.</summary>
    public static void Print(Call call, Exported exported)
    {
        call.World.Out.Write(Encoding.UTF8.GetString(exported.Files[0].Content));
        foreach (var file in exported.Files.Skip(1))
        {
            call.Note($"not printed: {file.Path} (write all files with --output FOLDER)");
        }
    }

    /// <exception cref="ProblemException"><c>cli/file-exists</c>; nothing is written then.</exception>
    public static async Task WriteAsync(Call call, Exported exported, string folder, bool force, CancellationToken ct)
    {
        foreach (var file in exported.Files)
        {
            var path = Path.Combine(folder, file.Path);
            if (!force && File.Exists(path) && !(await File.ReadAllBytesAsync(path, ct)).AsSpan().SequenceEqual(file.Content))
            {
                throw new Problem("cli/file-exists", $"{path} is there already, with other content.", "Choose another folder, or overwrite it with --force.").AsException();
            }
        }

        foreach (var file in exported.Files)
        {
            var path = Path.Combine(folder, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var mode = file.IsSecret ? UnixFileMode.UserRead | UnixFileMode.UserWrite : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
            File.Delete(path); // one that others may read would keep its mode until it is written
            await using (var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
            {
                await stream.WriteAsync(file.Content, ct);
            }

            call.Result(path);
        }
    }

    /// <summary>On standard error, so that the output can be piped on.</summary>
    public static void Report(Call call, Exported exported)
    {
        foreach (var loss in exported.Losses)
        {
            call.Note($"lossy: {loss}");
        }

        foreach (var variable in exported.Variables)
        {
            call.Note($"to be set: {variable}");
        }
    }
}
