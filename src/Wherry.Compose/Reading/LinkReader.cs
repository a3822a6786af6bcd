using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary>Further names on the networks: <c>container_name</c> for a service itself, <c>links</c> for another one.</summary>
internal static class LinkReader
{
    /// <summary>The name that Compose would give the one container. Replicas of a deployment overlap, so it is an alias here.</summary>
    public static string? ReadContainerName(Field? field)
    {
        if (field?.Stated() is not { } name)
        {
            return null;
        }

        if (!IsName(name))
        {
            field.Wrong($"{field.Shown} is not a name of a container", "Use letters, digits and . _ -, starting with a letter or digit.");
            return null;
        }

        field.Warn("compose/container-name", "containers keep Wherry's names, so that a new replica can start beside the old one; the name is an alias of the service on its networks");
        return name;
    }

    /// <summary><c>service</c> or <c>service:alias</c>.</summary>
    public static IReadOnlyList<FoundLink> ReadLinks(Field? field) => Lists.Filled(field, ReadLink) ?? [];

    private static FoundLink? ReadLink(Field item)
    {
        if (item.Filled() is not { } text)
        {
            return null;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var alias = colon < 0 ? text : text[(colon + 1)..];
        if (item.Try(() => ServiceName.Parse(colon < 0 ? text : text[..colon])) is not { } service)
        {
            return null;
        }

        if (!IsName(alias))
        {
            item.Wrong($"{Problem.Quoted(alias)} is not a name on a network", "Write the link as service:alias, with letters, digits and . _ -.");
            return null;
        }

        return new(item, service, alias);
    }

    private static bool IsName(string name) => name.Length is > 1 and <= 255 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}

/// <summary>A link and where it is written.</summary>
internal sealed record FoundLink(Field Field, ServiceName Service, string Alias);
