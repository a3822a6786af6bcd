namespace Wherry.Docker.Tests.Fixture;

/// <summary>A temporary source tree.</summary>
internal sealed class SourceFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("wherry-test-source-").FullName;

    /// <summary>Writes a file; folders are made.</summary>
    public SourceFolder With(string file, string text)
    {
        var full = At(file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return this;
    }

    public SourceFolder WithLink(string link, string target)
    {
        File.CreateSymbolicLink(At(link), target);
        return this;
    }

    public string At(string file) => System.IO.Path.Combine(Path, file);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Keeps reports in the order in which they come.</summary>
internal sealed class Reports<T>(Action<T>? also = null) : IProgress<T>
{
    public List<T> All { get; } = [];

    public void Report(T value)
    {
        All.Add(value);
        also?.Invoke(value);
    }
}
