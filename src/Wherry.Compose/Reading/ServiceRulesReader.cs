using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;

namespace Wherry.Compose.Reading;

/// <summary>The keys of <c>x-wherry</c> that say what the edge does for a service as a whole.</summary>
internal static class ServiceRulesReader
{
    /// <summary>Pages that are looked for in a folder: what the edge answers by itself.</summary>
    private static readonly string[] Pages = ["400", "401", "403", "404", "413", "421", "429", "4xx", "500", "502", "503", "504", "5xx"];

    private static readonly byte[] Missing = [];

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns><see langword="null"/> when the service has none.</returns>
    public static ServiceRules? Read(Fields f, ServiceContext service)
    {
        var rules = new ServiceRules
        {
            ErrorPages = f["error_pages"] is { } pages ? ReadPages(pages, service) : null,
            Balance = f["balance"]?.OneOf("round-robin", "least-requests") is "least-requests" ? Balance.LeastRequests : Balance.RoundRobin,
            Readers = ReadReaders(f["readers"]),
            Outliers = ReadOutliers(f["outliers"]),
            Quiet = ReadQuiet(f["quiet"]),
            Files = ReadFiles(f["files"]),
        };
        foreach (var wrong in ServiceRulesCheck.Wrongs(rules))
        {
            // Each begins with the key that it is about.
            f[wrong[..wrong.AsSpan().IndexOfAny('.', ':')]]?.Wrong(wrong, "Compare it with docs/route.md.");
        }

        return rules == new ServiceRules() ? null : rules;
    }

    private static ReadersRule? ReadReaders(Field? field)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var rule = new ReadersRule();
        rule.Writers = (int)(f["writers"]?.Int(1, 100) ?? rule.Writers);
        rule.Affinity = f["affinity"]?.Duration() ?? rule.Affinity;
        rule.Websockets = f["websockets"]?.Bool() ?? rule.Websockets;
        f.Close();
        return rule;
    }

    /// <summary>A folder, or a mapping that says more.</summary>
    private static FilesRule? ReadFiles(Field? field)
    {
        if (field is null or { IsMap: false })
        {
            return field?.Filled() is { } folder ? new() { From = folder } : null;
        }

        var f = field.Map()!;
        var rule = new FilesRule { From = f["from"]?.Filled() ?? "", Spa = f["spa"]?.Bool() ?? false, Immutable = f["immutable"]?.Texts() };
        f.Close();
        return rule;
    }

    private static QuietRule? ReadQuiet(Field? field)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var rule = new QuietRule { Metrics = f["metrics"]?.Texts() ?? [], Log = f["log"]?.Texts() ?? [] };
        f.Close();
        return rule;
    }

    private static OutlierRule? ReadOutliers(Field? field)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var rule = new OutlierRule();
        rule.Failures = (int)(f["failures"]?.Int(1, 1000) ?? rule.Failures);
        rule.EjectFor = f["eject_for"]?.Duration() ?? rule.EjectFor;
        rule.PanicBelow = (int)(f["panic_below"]?.Int(0, 100) ?? rule.PanicBelow);
        f.Close();
        return rule;
    }

    /// <summary>A folder, or files by status.</summary>
    private static SortedDictionary<string, string>? ReadPages(Field field, ServiceContext service)
    {
        var pages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (field.IsMap)
        {
            var files = field.Entries().Select(e => (Status: e.Key, e.Value, Path: e.Value.Filled())).ToList();
            return service.IsActive && files.All(f => f.Path is not null && Add(pages, f.Status, f.Value, f.Path, service, required: true)) ? pages : null;
        }

        if (field.Filled() is not { } folder || !service.IsActive || !Pages.All(status => Add(pages, status, field, $"{folder.TrimEnd('/')}/{status}.html", service, required: false)))
        {
            return null;
        }

        if (pages.Count == 0)
        {
            field.Wrong("compose/file-missing", $"{field.Shown} has no page", $"Put files there that are named {string.Join(", ", Pages.Select(p => $"{p}.html"))}.");
            return null;
        }

        return pages;
    }

    /// <returns>False after a report.</returns>
    private static bool Add(SortedDictionary<string, string> pages, string status, Field field, string path, ServiceContext service, bool required)
    {
        var bytes = field.Try(() => service.SourceOf(field).FindBytes(path)
            ?? (required ? throw new Problem("compose/file-missing", $"{Problem.Quoted(path)} is not in the source", "Add the file to the source, or remove the key.").AsException() : Missing));
        if (bytes is null || bytes == Missing)
        {
            return bytes is not null;
        }

        try
        {
            pages[status] = Strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            field.Wrong("source/file", $"{Problem.Quoted(path)} is not UTF-8", "Save it as UTF-8.");
            return false;
        }
    }
}
