namespace Wherry.Cli.Up;

/// <summary>Where a project's repository is pushed to.</summary>
internal static class GitAddress
{
    /// <param name="api">Where the API answers with a token.</param>
    public static Uri Of(Uri api, string project) => new(api, $"/git/{Uri.EscapeDataString(project)}.git");
}
