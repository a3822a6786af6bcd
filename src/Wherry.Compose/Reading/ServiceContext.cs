using Wherry.Compose.Interpolation;

namespace Wherry.Compose.Reading;

/// <summary>What the readers of one service share.</summary>
/// <param name="Name">The service as the file writes it.</param>
/// <param name="IsActive">Whether one of its profiles is on. The files of an inactive service are not read.</param>
internal sealed record ServiceContext(string Name, bool IsActive, TopLevel Top, SourceReader Source, Variables Variables)
{
    /// <summary>For the paths that a value names: they start at the file that it is written in.</summary>
    public SourceReader SourceOf(Field field) => Source.In(field.Node.At.Origin);

    /// <summary>For the variables that a value names.</summary>
    public Variables VariablesOf(Field field) => field.Node.At.Origin?.Variables ?? Variables;
}
