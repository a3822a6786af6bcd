using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Wherry.Server.Metrics;

/// <summary>Sends traces and metrics to an OpenTelemetry collector, when there is one. The variables are OpenTelemetry's own.</summary>
internal sealed class OtlpExport : IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    private OtlpExport(Uri? endpoint)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("wherry-server", serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3)).AddEnvironmentVariableDetector();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(ServerMeter.Name).AddOtlpExporter(o => Configure(o, endpoint, "v1/traces")).Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(ServerMeter.Name).AddOtlpExporter(o => Configure(o, endpoint, "v1/metrics")).Build();
    }

    /// <summary>A collector was named.</summary>
    public static bool IsAsked => Environment.GetEnvironmentVariable(Endpoint) is { Length: > 0 };

    /// <returns><see langword="null"/> when nobody asked for it; then none of OpenTelemetry is loaded either.</returns>
    public static IDisposable? StartIfAsked() => IsAsked ? Start(null) : null;

    /// <param name="endpoint">The collector's address; <see langword="null"/> takes it from the environment.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static OtlpExport Start(Uri? endpoint) => new(endpoint);

    /// <summary>Sends what has not been sent yet.</summary>
    public bool Flush() => _traces.ForceFlush() & _metrics.ForceFlush();

    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }

    private static void Configure(OtlpExporterOptions options, Uri? endpoint, string path)
    {
        // OpenTelemetry's recommended default; its library for .NET has another one.
        if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL") is not { Length: > 0 })
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
        }

        if (endpoint is not null)
        {
            options.Endpoint = new Uri(endpoint, path);
        }
    }
}
