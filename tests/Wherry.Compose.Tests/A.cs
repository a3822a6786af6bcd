using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests;

/// <summary>Builds what tests need; a test mentions only what matters to it.</summary>
internal static class A
{
    public static ComposeInput Input(string text, IReadOnlyDictionary<string, string>? variables = null, params (string Path, string Text)[] files) => new()
    {
        Text = text,
        Files = InMemoryFiles.Of(files),
        Variables = variables ?? new Dictionary<string, string>(),
    };

    public static ComposeResult Read(string text, IReadOnlyDictionary<string, string>? variables = null, params (string Path, string Text)[] files) =>
        ComposeReader.Read(Input(text, variables, files));

    public static ProjectModel Model(string text) => Read(text).Model;

    /// <summary>The service <c>web</c> of a file that has nothing else; <paramref name="body"/> is its content beside the image.</summary>
    public static ServiceSpec Web(string body, IReadOnlyDictionary<string, string>? variables = null, params (string Path, string Text)[] files) =>
        Service(Read(WebFile(body), variables, files).Model, "web");

    public static ServiceSpec Service(ProjectModel model, string name) => model.Services[ServiceName.Parse(name)];

    /// <summary>A file with one service; the body's first line is line 4, its first column is 5.</summary>
    public static string WebFile(string body) => "services:\n  web:\n    image: nginx\n" + Indent(body, "    ") + Top(body);

    /// <summary>What is wrong with a file.</summary>
    public static Problem Problem(string text, IReadOnlyDictionary<string, string>? variables = null, params (string Path, string Text)[] files) =>
        Assert.Throws<ProblemException>(() => Read(text, variables, files)).Problem;

    /// <summary>What is wrong with the service <c>web</c>.</summary>
    public static Problem WebProblem(string body, IReadOnlyDictionary<string, string>? variables = null, params (string Path, string Text)[] files) =>
        Problem(WebFile(body), variables, files);

    public static Dictionary<string, string> Vars(params (string Name, string Value)[] variables) => variables.ToDictionary(v => v.Name, v => v.Value);

    /// <summary>Lines after a line of <c>---</c> belong to the top level.</summary>
    private static string Indent(string body, string by) => string.Concat(body.Split("\n---\n")[0].Split('\n').Select(line => line.Length > 0 ? by + line + "\n" : "\n"));

    private static string Top(string body) => body.Split("\n---\n") is [_, var top] ? top + "\n" : "";
}
