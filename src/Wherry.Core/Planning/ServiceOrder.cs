using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Planning;

/// <summary>Dependencies before dependents; among equals those with routes first, so that a bad image fails before any worker starts; then by name.</summary>
public static class ServiceOrder
{
    /// <exception cref="ProblemException"><c>service/cycle</c>.</exception>
    public static IReadOnlyList<ServiceSpec> Of(ProjectModel model)
    {
        var left = model.Services.Values.OrderBy(s => s.Routes.Count == 0).ThenBy(s => s.Name.Value, StringComparer.Ordinal).ToList();
        var done = new List<ServiceSpec>(left.Count);
        while (left.Count > 0)
        {
            var next = left.FirstOrDefault(s => s.DependsOn.All(d => left.All(l => l.Name != d.Service)))
                ?? throw new Problem("service/cycle", $"The services {string.Join(", ", left.Select(s => s.Name))} wait for each other.", "Take one of their depends_on entries out.").AsException();
            left.Remove(next);
            done.Add(next);
        }

        return done;
    }
}
