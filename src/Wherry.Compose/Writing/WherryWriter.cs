using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Compose.Writing;

/// <summary><c>x-wherry</c> of a service.</summary>
internal sealed class WherryWriter(ServiceSpec spec, Beside beside)
{
    public YamlMapping Write() => new()
    {
        ["routes"] = new YamlSequence(spec.Routes.Select(RouteWriter.Write)).OrNothing(),
        ["tcp"] = spec.Tcp is { } tcp ? new YamlSequence(tcp.Select(RouteWriter.Write)).OrNothing() : null,
        ["tls"] = Tls(),
        ["canonical_host"] = spec.CanonicalHost?.Value,
        ["error_pages"] = ErrorPages(),
        ["balance"] = spec.Rules is { Balance: not Balance.RoundRobin and var balance } ? TextForm.Of(balance) : null,
        ["readers"] = Readers(),
        ["outliers"] = Outliers(),
        ["files"] = Files(),
        ["quiet"] = spec.Rules?.Quiet is { } quiet ? new YamlMapping { ["metrics"] = Escaped.Some(quiet.Metrics), ["log"] = Escaped.Some(quiet.Log) } : null,
        ["health"] = Health(),
        ["deploy"] = DeployWriter.Write(spec),
        ["canary"] = CanaryWriter.Write(spec.Canary),
        ["release"] = Escaped.List(spec.Release),
        ["source"] = Source(),
    };

    private YamlValue? Tls() => spec.Tls switch
    {
        null => null,
        { Redirect: true, OnDemand: null } tls => TextForm.Of(tls.Source),
        var tls => new YamlMapping
        {
            ["source"] = tls.Source == TlsSource.Automatic ? null : TextForm.Of(tls.Source),
            ["redirect"] = tls.Redirect ? null : false,
            ["on_demand"] = Escaped.Text(tls.OnDemand),
        },
    };

    private YamlMapping? ErrorPages()
    {
        if (spec.Rules?.ErrorPages is not { } pages)
        {
            return null;
        }

        var files = new YamlMapping();
        foreach (var (status, html) in pages.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            files[status] = beside.File($"error-pages/{spec.Name}/{status}.html", Encoding.UTF8.GetBytes(html));
        }

        return files.OrNothing();
    }

    private YamlMapping? Readers()
    {
        var standard = new ReadersRule();
        return spec.Rules?.Readers is not { } rule ? null : new()
        {
            ["writers"] = rule.Writers,
            ["affinity"] = rule.Affinity == standard.Affinity ? null : TextForm.Of(rule.Affinity),
            ["websockets"] = rule.Websockets ? true : null,
        };
    }

    private YamlMapping? Outliers() => spec.Rules?.Outliers is not { } rule ? null : new()
    {
        ["failures"] = rule.Failures,
        ["eject_for"] = TextForm.Of(rule.EjectFor),
        ["panic_below"] = rule.PanicBelow,
    };

    private YamlMapping? Files() => spec.Rules?.Files is not { } rule ? null : new()
    {
        ["from"] = Escaped.Text(rule.From),
        ["spa"] = rule.Spa ? true : null,
        ["immutable"] = Escaped.List(rule.Immutable),
    };

    private YamlMapping? Health()
    {
        var standard = new HealthSpec();
        if (spec.Health is not { } health)
        {
            return null;
        }

        // One that says only how long to wait is known by having a deadline and nothing else.
        var isBound = health.Port is null && health.Command is null;
        return new()
        {
            ["path"] = Escaped.Text(health.Path),
            ["port"] = health.Port is { } port ? port : null,
            ["host"] = health.Host,
            ["command"] = Escaped.List(health.Command),
            ["interval"] = health.Interval == standard.Interval ? null : TextForm.Of(health.Interval),
            ["timeout"] = health.Timeout == standard.Timeout ? null : TextForm.Of(health.Timeout),
            ["deadline"] = health.Deadline == standard.Deadline && !isBound ? null : TextForm.Of(health.Deadline),
        };
    }

    private YamlMapping? Source() => spec.Source is not { } source ? null : new()
    {
        ["url"] = Escaped.Text(source.Url.Value),
        ["ref"] = source.Ref?.Value,
        ["path"] = source.Path == SourcePath.Root ? null : Escaped.Text(source.Path.Value),
    };
}
