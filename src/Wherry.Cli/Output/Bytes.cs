using System.Globalization;

namespace Wherry.Cli.Output;

/// <summary>Sizes as a person says them, in powers of 1024.</summary>
internal static class Bytes
{
    public static string Of(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1 << 20 => Show(bytes / 1024.0, "KiB"),
        < 1L << 30 => Show(bytes / (double)(1 << 20), "MiB"),
        _ => Show(bytes / (double)(1L << 30), "GiB"),
    };

    private static string Show(double value, string unit) => value.ToString(value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " " + unit;
}
