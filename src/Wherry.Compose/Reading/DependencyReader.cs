using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>depends_on</c>, as a list and as a mapping. Whether the services exist is checked when all are known.</summary>
internal static class DependencyReader
{
    public static IReadOnlyList<FoundDependency> Read(Field? field)
    {
        if (field is null)
        {
            return [];
        }

        return field.IsMap
            ? [.. field.Entries().Select(e => ReadLong(e.Key, e.Value)).OfType<FoundDependency>()]
            : [.. field.Items().Select(ReadShort).OfType<FoundDependency>().DistinctBy(d => d.Dependency.Service)];
    }

    /// <summary>With the services that other keys make it depend on; what <c>depends_on</c> says of one stays.</summary>
    public static IReadOnlyList<FoundDependency> With(IReadOnlyList<FoundDependency> written, IReadOnlyList<(Field Field, ServiceName Service)> implied) =>
        [.. written.Concat(implied.Select(i => new FoundDependency(i.Field, new(i.Service, DependencyCondition.Started)))).DistinctBy(d => d.Dependency.Service)];

    private static FoundDependency? ReadShort(Field item) =>
        item.Value<ServiceName>() is { } name ? new(item, new(name, DependencyCondition.Started)) : null;

    private static FoundDependency? ReadLong(string key, Field field)
    {
        var name = field.Try(() => ServiceName.Parse(key));
        if (field.Map() is not { } f)
        {
            return null;
        }

        var condition = f["condition"]?.OneOf("service_started", "service_healthy", "service_completed_successfully") switch
        {
            "service_healthy" => DependencyCondition.Healthy,
            "service_completed_successfully" => DependencyCondition.CompletedSuccessfully,
            _ => DependencyCondition.Started,
        };
        var required = f["required"]?.Bool() ?? true;
        var restart = f["restart"]?.Bool() ?? false;
        f.Close();
        return name is null ? null : new(field, new(name, condition, required, restart));
    }
}

/// <summary>A dependency and where it is written.</summary>
internal sealed record FoundDependency(Field Field, Dependency Dependency);
