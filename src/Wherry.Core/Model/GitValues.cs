using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Wherry.Core.Problems;

namespace Wherry.Core.Model;

/// <summary>A branch, tag or commit, safe to hand to <c>git</c> as one argument.</summary>
[JsonConverter(typeof(ValueConverter<GitRef>))]
public sealed partial record GitRef : IValue<GitRef>
{
    private GitRef(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="ProblemException"><c>source/ref</c>.</exception>
    public static GitRef Parse(string text) =>
        text.Length <= 200 && Shape().IsMatch(text) && !Forbidden().IsMatch(text)
            ? new(text)
            : throw new Problem("source/ref", $"{Problem.Quoted(text)} is not a branch, tag or commit.", "Write it as git shows it, for instance main, v1.2 or a commit's full hash.").AsException();

    public override string ToString() => Value;

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_./+@#-]*\z")]
    private static partial Regex Shape();

    [GeneratedRegex(@"\.\.|//|@\{|\.lock(?:/|\z)|/\.|[./]\z")]
    private static partial Regex Forbidden();
}

/// <summary>Where a remote Git repository is: <c>https://</c>, <c>http://</c>, <c>ssh://</c>, <c>git://</c>, <c>file:///</c> or <c>user@host:path</c>. Transports that run programs (<c>ext::</c>) do not exist here.</summary>
[JsonConverter(typeof(ValueConverter<GitUrl>))]
public sealed partial record GitUrl : IValue<GitUrl>
{
    private GitUrl(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="ProblemException"><c>source/url</c>.</exception>
    public static GitUrl Parse(string text) => text.Length <= 2048 && !Hidden().IsMatch(text) && ((Url().IsMatch(text) && Uri.TryCreate(text, UriKind.Absolute, out _)) || Scp().IsMatch(text))
        ? new(text)
        : throw new Problem("source/url", $"{Problem.Quoted(Suspect().Replace(text, "://"))} is not the address of a Git repository.", "Use https://host/path.git, ssh://user@host/path.git or user@host:path.git.").AsException();

    /// <summary>The address without user name and password.</summary>
    public override string ToString() => Redact(Value);

    private static string Redact(string text) => Credentials().Replace(text, "://");

    [GeneratedRegex(@"\A(?:https?|ssh|git)://(?:[A-Za-z0-9_:][A-Za-z0-9._~%!$&'()*+,;=:-]*@)?(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?/[A-Za-z0-9._~%!$&'()*+,;=:@/-]+\z|\Afile:///[A-Za-z0-9._~%+@/-]+\z")]
    private static partial Regex Url();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:(?!:)[A-Za-z0-9_~/][A-Za-z0-9._~/+@-]*\z")]
    private static partial Regex Scp();

    [GeneratedRegex(@"://[^/@]*@")]
    private static partial Regex Credentials();

    /// <summary>In text that is no address anything before the last @ may be a password.</summary>
    [GeneratedRegex(@"://.*@", RegexOptions.Singleline)]
    private static partial Regex Suspect();

    /// <summary>Percent-encoded control characters: git decodes them.</summary>
    [GeneratedRegex(@"%(?:[01][0-9A-Fa-f]|7[Ff])")]
    private static partial Regex Hidden();
}
