namespace Wherry.Compose.Writing;

/// <summary>A model as a Compose file, before it is text.</summary>
/// <param name="Tree">The file. A <c>$</c> that is not a variable's stands there twice.</param>
/// <param name="Variables">What must be set where the file is used: it holds their names, not their values.</param>
/// <param name="Files">Files that the Compose file names, by their path beside it.</param>
/// <param name="SecretFiles">The same of secrets that fit in no variable, because they are no text; never to be shown unless they were asked for.</param>
public sealed record ComposeDocument(
    YamlMapping Tree, IReadOnlyList<WantedVariable> Variables, IReadOnlyDictionary<string, byte[]> Files, IReadOnlyDictionary<string, byte[]> SecretFiles);

/// <summary>A variable that somebody has to set.</summary>
/// <param name="For">What it is for: <c>the secret /run/secrets/db_password of db</c>.</param>
/// <param name="Value">Its value here; never to be shown unless it was asked for.</param>
public sealed record WantedVariable(string Name, string For, string Value)
{
    /// <summary>Never shows the value.</summary>
    public override string ToString() => $"{Name}: {For}";
}
