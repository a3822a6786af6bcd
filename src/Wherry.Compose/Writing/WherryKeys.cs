using Wherry.Core.Model;

namespace Wherry.Compose.Writing;

/// <summary>Which keys of <c>x-wherry</c> a service has.</summary>
internal static class WherryKeys
{
    public static IReadOnlyList<string> Of(ServiceSpec spec) => [.. new WherryWriter(spec, new Beside()).Write().Select(entry => entry.Key)];
}
