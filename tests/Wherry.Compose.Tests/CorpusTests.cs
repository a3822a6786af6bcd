using System.Runtime.CompilerServices;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests;

public sealed class CorpusTests
{
    private static readonly string[] Named = ["compose/unsupported-key", "compose/relative-bind"];

    public static TheoryData<string> AwesomeCompose => [.. Files("awesome-compose")];

    public static TheoryData<string> Coolify => [.. Files("coolify")];

    [Fact]
    public void Corpora_are_complete()
    {
        Assert.Equal(39, AwesomeCompose.Count);
        Assert.Equal(368, Coolify.Count);
    }

    [Theory]
    [MemberData(nameof(AwesomeCompose))]
    public void Example_stack_is_read_or_refused_for_named_reasons_only(string file)
    {
        var errors = new SpecErrors(file);

        ComposeReader.Read(Input(file), errors);

        Assert.All(errors.Codes, code => Assert.Contains(code, Named));
    }

    [Theory]
    [MemberData(nameof(Coolify))]
    public void Template_is_read_or_refused_with_a_problem(string file)
    {
        try
        {
            Assert.NotEmpty(ComposeReader.Read(Input(file)).Model.Services);
        }
        catch (ProblemException e)
        {
            Assert.StartsWith("compose.yaml", e.Problem.Message, StringComparison.Ordinal);
            Assert.NotEmpty(e.Problem.Hint);
        }
    }

    internal static ComposeInput Input(string file) => new() { Text = File.ReadAllText(Path.Combine(Folder(), file)), Files = new EveryFile(), Variables = A.Vars(("PLEX_MEDIA_PATH", "/srv/media")) };

    private static IEnumerable<string> Files(string folder) =>
        Directory.GetFiles(Path.Combine(Folder(), folder), "*.y*ml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => Path.GetRelativePath(Folder(), f));

    /// <summary><c>../shared/corpora</c>, seen from the repository or from a folder above it.</summary>
    internal static string Folder([CallerFilePath] string here = "")
    {
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var found = Path.Combine(folder, "shared", "corpora", "compose");
            if (Directory.Exists(found))
            {
                return found;
            }
        }

        throw new DirectoryNotFoundException("shared/corpora/compose stands in no folder above the repository");
    }

    /// <summary>The corpora hold Compose files only: every file that these name is there, except the ones that Compose looks for by itself.</summary>
    private sealed class EveryFile : ISourceFiles
    {
        public string? ReadText(string relativePath) => relativePath.EndsWith(".env", StringComparison.Ordinal) ? null : "content";

        public byte[]? ReadBytes(string relativePath) => relativePath.Contains("override", StringComparison.Ordinal) ? null : [1];
    }
}
