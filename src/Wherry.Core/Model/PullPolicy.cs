namespace Wherry.Core.Model;

/// <summary>When an image is asked for at its registry although the server has it.</summary>
/// <param name="Every">With <see cref="PullWhen.Aged"/>: how old the server's copy may be.</param>
public sealed record PullPolicy(PullWhen When, TimeSpan? Every = null);

/// <summary>Values of Compose's <c>pull_policy</c> that differ from <c>missing</c>.</summary>
public enum PullWhen
{
    /// <summary>At each deployment.</summary>
    Always,

    /// <summary>Not even when it is missing.</summary>
    Never,

    /// <summary>When the server's copy is old.</summary>
    Aged,
}
