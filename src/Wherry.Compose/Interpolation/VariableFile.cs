namespace Wherry.Compose.Interpolation;

/// <summary>A file of variables.</summary>
/// <param name="Name">As it is named, for problems.</param>
public sealed record VariableFile(string Name, string Text)
{
    /// <summary>Never shows the content.</summary>
    public override string ToString() => Name;
}
