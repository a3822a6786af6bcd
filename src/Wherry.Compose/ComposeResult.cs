using Wherry.Core.Model;

namespace Wherry.Compose;

/// <summary>A Compose file, read.</summary>
/// <param name="Warnings">What was accepted but deserves a look, in the order of the file.</param>
/// <param name="Variables">Which variables the file asked for, by whom, and where the value came from.</param>
public sealed record ComposeResult(ProjectModel Model, IReadOnlyList<Warning> Warnings, IReadOnlyList<VariableUse> Variables)
{
    /// <summary>The same place by place, for a person who asks where a value comes from.</summary>
    public IReadOnlyList<VariablePlace> Places { get; init; } = [];
}

/// <summary>Something that does not stop a deployment.</summary>
/// <param name="Code">Stable and greppable, like a problem's.</param>
/// <param name="Message">With file, line, column and path in front: <c>compose.yaml:3:5 services.web.image: …</c>.</param>
public sealed record Warning(string Code, string Message)
{
    public override string ToString() => Message;
}

/// <summary>Where the value of a variable came from.</summary>
public enum VariableOrigin
{
    /// <summary><see cref="ComposeInput.Variables"/>.</summary>
    Environment,

    /// <summary>The source's <c>.env</c>, or another file of variables.</summary>
    DotEnv,

    /// <summary>Nowhere: the default written in the file, or the empty string, was used.</summary>
    Unset,
}

/// <summary>One place that asks for a variable. No value is in it.</summary>
/// <param name="Service">Service that it is asked for; <see langword="null"/> outside of <c>services</c>.</param>
/// <param name="Place">File, line and column.</param>
/// <param name="Written">What stands there.</param>
/// <param name="From">File and line that say the value; <see langword="null"/> when the environment says it, or nobody.</param>
public sealed record VariablePlace(string Name, string? Service, string Place, string Written, VariableOrigin Origin, string? From);

/// <summary>One variable that the file asked for.</summary>
/// <param name="Service">Service that asked; <see langword="null"/> outside of <c>services</c>.</param>
public sealed record VariableUse(string Name, string? Service, VariableOrigin Origin);
