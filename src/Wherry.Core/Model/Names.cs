using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Wherry.Core.Problems;

namespace Wherry.Core.Model;

/// <summary>Name of a project: a DNS label, because it becomes part of host and network names.</summary>
[JsonConverter(typeof(ValueConverter<ProjectName>))]
public sealed record ProjectName : IValue<ProjectName>
{
    private ProjectName(string value) => Value = value;

    public string Value { get; }

    public static ProjectName Parse(string text) => new(Names.CheckLabel(text, "project"));

    public override string ToString() => Value;
}

/// <summary>Name of an environment: a DNS label, for instance <c>production</c>, <c>staging</c>, <c>pr-42</c>.</summary>
[JsonConverter(typeof(ValueConverter<EnvironmentName>))]
public sealed record EnvironmentName : IValue<EnvironmentName>
{
    private EnvironmentName(string value) => Value = value;

    /// <summary>The environment that a project has from the start.</summary>
    public static EnvironmentName Production { get; } = new("production");

    public string Value { get; }

    public static EnvironmentName Parse(string text) => new(Names.CheckLabel(text, "environment"));

    public override string ToString() => Value;
}

/// <summary>Name of a service, by Compose's rule: letters, digits, <c>. _ -</c>, at most 63 characters.</summary>
[JsonConverter(typeof(ValueConverter<ServiceName>))]
public sealed record ServiceName : IValue<ServiceName>
{
    private ServiceName(string value) => Value = value;

    public string Value { get; }

    public static ServiceName Parse(string text) => new(Names.CheckName(text, "service"));

    public override string ToString() => Value;
}

/// <summary>Name of a token: letters, digits, <c>. _ -</c>, at most 63 characters.</summary>
[JsonConverter(typeof(ValueConverter<TokenName>))]
public sealed record TokenName : IValue<TokenName>
{
    private TokenName(string value) => Value = value;

    public string Value { get; }

    public static TokenName Parse(string text) => new(Names.CheckName(text, "token"));

    public override string ToString() => Value;
}

/// <summary>Name of a variable or secret: letters, digits and <c>_</c>, not starting with a digit.</summary>
[JsonConverter(typeof(ValueConverter<VariableName>))]
public sealed partial record VariableName : IValue<VariableName>
{
    private VariableName(string value) => Value = value;

    public string Value { get; }

    public static VariableName Parse(string text) => Shape().IsMatch(text)
        ? new(text)
        : throw new Problem("variable/name", $"{Problem.Quoted(text)} is not a name for a variable.", "Use letters, digits and _, not starting with a digit.").AsException();

    public override string ToString() => Value;

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,254}\z")]
    private static partial Regex Shape();
}

/// <summary>The two shapes that names have.</summary>
internal static partial class Names
{
    public static string CheckLabel(string? text, string word) => text is not null && Label().IsMatch(text)
        ? text
        : throw new Problem($"{word}/name", $"{Problem.Quoted(text ?? "")} is not a name for {(word[0] is 'a' or 'e' or 'i' or 'o' ? "an" : "a")} {word}.", "Use 1 to 40 lower-case letters, digits and -, starting with a letter and not ending with -.").AsException();

    public static string CheckName(string? text, string word) => text is not null && Name().IsMatch(text)
        ? text
        : throw new Problem($"{word}/name", $"{Problem.Quoted(text ?? "")} is not a name for {(word[0] is 'a' or 'e' or 'i' or 'o' ? "an" : "a")} {word}.", "Use 1 to 63 letters, digits and . _ -, starting with a letter or digit.").AsException();

    [GeneratedRegex(@"\A[a-z]([a-z0-9-]{0,38}[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex Name();
}
