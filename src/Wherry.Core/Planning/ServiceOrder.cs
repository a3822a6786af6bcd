using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Planning;

/// <summary>Dependencies before dependents. Those with routes come first, with what they need right before them, so that a bad image fails before any worker starts; then by name.</summary>
public static class ServiceOrder
{
    /// <exception cref="ProblemException"><c>service/cycle</c>.</exception>
    public static IReadOnlyList<ServiceSpec> Of(ProjectModel model)
    {
        var done = new List<ServiceSpec>(model.Services.Count);
        foreach (var spec in Preferred(model.Services.Values))
        {
            Visit(spec, model, [], done);
        }

        return done;
    }

    private static void Visit(ServiceSpec spec, ProjectModel model, IReadOnlyList<ServiceName> waiting, List<ServiceSpec> done)
    {
        if (done.Contains(spec))
        {
            return;
        }

        if (waiting.Contains(spec.Name))
        {
            var cycle = waiting.SkipWhile(n => n != spec.Name).Append(spec.Name);
            throw new Problem("service/cycle", $"The services {string.Join(" → ", cycle)} wait for each other.", "Take one of their depends_on entries out.").AsException();
        }

        foreach (var dependency in Preferred(spec.DependsOn.Select(d => model.Services.GetValueOrDefault(d.Service)).OfType<ServiceSpec>()))
        {
            Visit(dependency, model, [.. waiting, spec.Name], done);
        }

        done.Add(spec);
    }

    private static IEnumerable<ServiceSpec> Preferred(IEnumerable<ServiceSpec> services) =>
        services.OrderBy(s => !s.IsRouted()).ThenBy(s => s.Name.Value, StringComparer.Ordinal);
}
