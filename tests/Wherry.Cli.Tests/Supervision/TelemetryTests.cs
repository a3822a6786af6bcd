using Wherry.Cli.Supervision;

namespace Wherry.Cli.Tests.Supervision;

public sealed class TelemetryTests
{
    [Fact]
    public void A_collector_is_kept_until_it_is_turned_off()
    {
        using var home = A.Folder();
        Dictionary<string, string> given = new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://collector:4318", ["OTEL_EXPORTER_OTLP_HEADERS"] = "key=secret", ["PATH"] = "/bin" };

        Assert.True(RememberedTelemetry.Keep(home.Path, () => given));
        Assert.False(RememberedTelemetry.Keep(home.Path, () => given));
        Assert.False(RememberedTelemetry.Keep(home.Path, () => new Dictionary<string, string> { ["PATH"] = "/bin" }));
        Assert.Equal("OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318\nOTEL_EXPORTER_OTLP_HEADERS=key=secret\n", File.ReadAllText(RememberedTelemetry.PathIn(home.Path)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(RememberedTelemetry.PathIn(home.Path)));

        Assert.True(RememberedTelemetry.Keep(home.Path, () => new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "" }));
        Assert.False(File.Exists(RememberedTelemetry.PathIn(home.Path)));
    }

    [Fact]
    public void What_is_kept_becomes_the_processs_own_unless_it_has_it_already()
    {
        using var home = A.Folder();
        File.WriteAllText(RememberedTelemetry.PathIn(home.Path), "OTEL_TEST_KEPT=a=b\nOTEL_TEST_OWN=kept\n");
        Environment.SetEnvironmentVariable("OTEL_TEST_OWN", "own");

        RememberedTelemetry.Apply(home.Path);

        Assert.Equal(("a=b", "own"), (Environment.GetEnvironmentVariable("OTEL_TEST_KEPT"), Environment.GetEnvironmentVariable("OTEL_TEST_OWN")));
    }
}
