using System.CommandLine;

namespace Wherry.Cli.Frame;

/// <summary>A command with examples, which <c>--help</c> shows.</summary>
internal sealed class Verb(string name, string description, params IReadOnlyList<string> examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
