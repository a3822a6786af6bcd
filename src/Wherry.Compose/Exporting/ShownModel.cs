using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Exporting;

/// <summary>The model of files on this machine as it may be shown: a reference to a variable stands in the place of each secret's value.</summary>
public static class ShownModel
{
    /// <exception cref="ProblemException"><c>release/secret-as-key</c> when a secret stands where the file needs a number, a name or the like.</exception>
    public static ProjectModel Of(ComposeInput input)
    {
        try
        {
            var model = LocalModel.Read(input).Model;
            return model with { Services = model.Services.ToDictionary(s => s.Key, s => s.Value with { Environment = Masked(s.Value.Environment) }) };
        }
        catch (ProblemException e)
        {
            throw new Problem("release/secret-as-key", $"The Compose file cannot be shown without the values of its secrets: {e.Problem.Message}", "Show them with `wherry config --with-secrets`, or give what is no secret a name without PASSWORD, KEY, TOKEN and the like.").AsException(e);
        }
    }

    /// <summary>Also what an <c>env_file</c> or the file itself says in plain words.</summary>
    private static SortedDictionary<string, string> Masked(IReadOnlyDictionary<string, string> environment)
    {
        var masked = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in environment)
        {
            var isSecret = value.Length > 0 && LocalModel.SoundsSecret(name) && SecretMark.In(value).Count == 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
            masked[name] = isSecret ? SecretMark.Of(name) : value;
        }

        return masked;
    }
}
