using System.Text;
using System.Text.RegularExpressions;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Routing;

/// <summary>What must hold for a service's rules, wherever they come from.</summary>
public static partial class ServiceRulesCheck
{
    private const int LargestPage = 64 << 10;
    private const int LargestPages = 256 << 10;

    private static readonly string[] Places = ["message", "request", "status", "title"];

    /// <summary>Everything that is wrong, each with the key it is at; nothing when all is well.</summary>
    public static IEnumerable<string> Wrongs(ServiceRules rules) => [.. OfPages(rules.ErrorPages), .. Of(rules.Readers), .. Of(rules.Outliers), .. OfPaths("quiet.metrics", rules.Quiet?.Metrics), .. OfPaths("quiet.log", rules.Quiet?.Log)];

    private static IEnumerable<string> OfPaths(string at, IReadOnlyList<string>? paths)
    {
        if (paths is { Count: > 100 })
        {
            yield return $"{at}: has more than 100 paths";
        }

        foreach (var path in (paths ?? []).Where(p => p is null || !p.StartsWith('/') || p.Contains('?', StringComparison.Ordinal)))
        {
            yield return $"{at}: {Problem.Quoted(path ?? "")} is not a path; it begins with / and has no query";
        }
    }

    private static IEnumerable<string> Of(ReadersRule? readers)
    {
        if (readers?.Writers is < 1 or > 100)
        {
            yield return $"readers.writers: {readers.Writers} is not between 1 and 100";
        }

        if (readers?.Affinity < TimeSpan.Zero || readers?.Affinity > TimeSpan.FromHours(1))
        {
            yield return $"readers.affinity: {readers.Affinity} is not between 0 and 1 h";
        }
    }

    private static IEnumerable<string> Of(OutlierRule? outliers)
    {
        if (outliers?.Failures is < 1 or > 1000)
        {
            yield return $"outliers.failures: {outliers.Failures} is not between 1 and 1000";
        }

        if (outliers?.EjectFor < TimeSpan.FromMilliseconds(100) || outliers?.EjectFor > TimeSpan.FromHours(1))
        {
            yield return $"outliers.eject_for: {outliers.EjectFor} is not between 100 ms and 1 h";
        }

        if (outliers?.PanicBelow is < 0 or > 100)
        {
            yield return $"outliers.panic_below: {outliers.PanicBelow} is not between 0 and 100 percent";
        }
    }

    private static IEnumerable<string> OfPages(IReadOnlyDictionary<string, string>? pages)
    {
        if (pages is { Count: 0 })
        {
            yield return "error_pages: names no page";
        }

        foreach (var (status, page) in pages ?? new Dictionary<string, string>())
        {
            if (!StatusShape().IsMatch(status))
            {
                yield return $"error_pages: {Problem.Quoted(status)} is neither a status from 400 to 599 nor 4xx or 5xx";
            }
            else if (string.IsNullOrWhiteSpace(page) || Encoding.UTF8.GetByteCount(page) > LargestPage)
            {
                yield return $"error_pages.{status}: is empty or larger than 64 KB";
            }
            else if (WrongPlace(page) is { } wrong)
            {
                yield return $"error_pages.{status}: {wrong}";
            }
        }

        if (pages?.Values.Sum(p => Encoding.UTF8.GetByteCount(p ?? "")) > LargestPages)
        {
            yield return "error_pages: all pages together are larger than 256 KB";
        }
    }

    /// <summary>What is wrong with what stands between braces.</summary>
    private static string? WrongPlace(string page)
    {
        for (var at = page.IndexOf("{{", StringComparison.Ordinal); at >= 0; at = page.IndexOf("{{", at + 2, StringComparison.Ordinal))
        {
            var end = page.IndexOf("}}", at, StringComparison.Ordinal);
            if (end < 0)
            {
                return "has {{ without }}";
            }

            if (!Places.Contains(page[(at + 2)..end]))
            {
                return $"{Problem.Quoted(page[at..(end + 2)])} is not among {string.Join(", ", Places.Select(p => $"{{{{{p}}}}}"))}";
            }
        }

        return null;
    }

    [GeneratedRegex(@"\A(?:[45][0-9]{2}|[45]xx)\z")]
    private static partial Regex StatusShape();
}
