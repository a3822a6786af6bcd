using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Wherry.Core.Problems;

namespace Wherry.Core.Model;

/// <summary>Names an image the way Docker does: <c>[registry[:port]/]path[:tag][@digest]</c>, or an image id <c>sha256:…</c>.</summary>
[JsonConverter(typeof(ValueConverter<ImageReference>))]
public sealed partial record ImageReference : IValue<ImageReference>
{
    private ImageReference(string value) => Value = value;

    public string Value { get; }

    /// <summary>Whether this is the id of one exact image rather than a name that may move.</summary>
    public bool IsId => Id().IsMatch(Value);

    /// <exception cref="ProblemException"><c>image/reference</c>.</exception>
    public static ImageReference Parse(string text) => text.Length <= 512 && (Shape().IsMatch(text) || Id().IsMatch(text))
        ? new(text)
        : throw new Problem("image/reference", $"{Problem.Quoted(text)} does not name an image.", "Write it as name, name:tag or registry.example.com/path/name:tag, in lower case.").AsException();

    public override string ToString() => Value;

    [GeneratedRegex(@"\A(?:(?:localhost|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?=:[0-9]+/))(?::[0-9]{1,5})?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?\z")]
    private static partial Regex Shape();

    [GeneratedRegex(@"\Asha256:[a-f0-9]{64}\z")]
    private static partial Regex Id();
}
