using Wherry.Compose;
using Wherry.Compose.Importing;
using Wherry.Compose.Interpolation;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Cli.Importing;

/// <summary>The folder that an imported project is written to.</summary>
/// <param name="path">Absolute path; made when it is not there.</param>
internal sealed class ImportFolder(string path)
{
    private string DotEnv => System.IO.Path.Combine(path, ".env");

    public string Path => path;

    /// <summary>The values of an earlier import.</summary>
    public IReadOnlyDictionary<string, string> Values() => Values(File.Exists(DotEnv) ? File.ReadAllText(DotEnv) : null);

    /// <summary>The values of a <c>.env</c>.</summary>
    public static IReadOnlyDictionary<string, string> Values(string? dotEnv) => EnvFile.Parse(dotEnv ?? "", _ => null, _ => { }).Values;

    /// <exception cref="ProblemException"><c>import/exists</c>: another Compose file is there.</exception>
    public void Check(ImportedProject project, bool force)
    {
        var other = ComposeReader.FileNames.Select(n => System.IO.Path.Combine(path, n)).FirstOrDefault(File.Exists);
        if (!force && other is not null && (System.IO.Path.GetFileName(other) != ComposeReader.FileNames[0] || File.ReadAllText(other) != project.ComposeText))
        {
            throw new Problem("import/exists", $"{other} is there already and says something else.", "Name another folder with --output, or write over it with --force; values in its .env are kept.").AsException();
        }
    }

    /// <summary>Writes the project's files.</summary>
    /// <param name="values">For <c>.env</c>, which only its owner may read; <see langword="null"/>: they are kept elsewhere.</param>
    public async Task WriteAsync(ImportedProject project, ImportValues? values, CancellationToken ct)
    {
        try
        {
            foreach (var (name, text) in project.Files)
            {
                var file = System.IO.Path.Combine(path, SourcePath.Parse(name).Value);
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
                if (name.EndsWith(".env", StringComparison.Ordinal))
                {
                    await WritePrivateAsync(file, text, ct);
                }
                else
                {
                    await File.WriteAllTextAsync(file, text, ct);
                }
            }

            if (values is not null && project.Inputs.Count > 0)
            {
                await WriteDotEnvAsync(project, values, ct);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem("cli/file", $"{path} cannot be written: {e.Message}", "Check the path and its mode.").AsException(e);
        }
    }

    private async Task WriteDotEnvAsync(ImportedProject project, ImportValues values, CancellationToken ct)
    {
        var before = File.Exists(DotEnv) ? await File.ReadAllTextAsync(DotEnv, ct) : "";
        var text = DotEnvText.Write(before, Values().Keys.ToHashSet(), project.Inputs, values.New);
        await WritePrivateAsync(DotEnv, text, ct);
    }

    /// <summary>For its owner only, and never half.</summary>
    private static async Task WritePrivateAsync(string file, string text, CancellationToken ct)
    {
        File.Delete(file + ".new"); // one left over would keep its mode
        await using (var stream = new FileStream(file + ".new", new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        await using (var writer = new StreamWriter(stream))
        {
            await writer.WriteAsync(text.AsMemory(), ct);
        }

        File.Move(file + ".new", file, overwrite: true);
    }
}
