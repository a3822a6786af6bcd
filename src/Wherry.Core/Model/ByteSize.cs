using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Wherry.Core.Problems;

namespace Wherry.Core.Model;

/// <summary>A size in bytes, written the way Compose does: <c>512</c>, <c>64k</c>, <c>100mb</c>, <c>1.5g</c>; units are powers of 1024.</summary>
[JsonConverter(typeof(ValueConverter<ByteSize>))]
public sealed partial record ByteSize : IValue<ByteSize>
{
    private ByteSize(long bytes) => Bytes = bytes;

    public long Bytes { get; }

    public string Value => Bytes.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="ArgumentOutOfRangeException">Less than zero.</exception>
    public static ByteSize Of(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return new(bytes);
    }

    /// <exception cref="ProblemException"><c>size/format</c>.</exception>
    public static ByteSize Parse(string text)
    {
        var match = Shape().Match(text);
        if (!match.Success || !decimal.TryParse(match.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            throw Wrong(text);
        }

        var unit = 1L << match.Groups[2].Value.ToLowerInvariant() switch { "k" => 10, "m" => 20, "g" => 30, "t" => 40, _ => 0 };
        return number <= long.MaxValue / unit ? new((long)(number * unit)) : throw Wrong(text);
    }

    public override string ToString() => Bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{Bytes / (double)(1L << 30):0.##} GB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{Bytes / (double)(1L << 20):0.##} MB"),
        >= 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{Bytes / (double)(1L << 10):0.##} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Bytes} B"),
    };

    private static ProblemException Wrong(string text) =>
        new Problem("size/format", $"{Problem.Quoted(text)} is not a size.", "Write it as 512, 64k, 100m or 1.5g.").AsException();

    [GeneratedRegex(@"\A([0-9]{1,19}(?:\.[0-9]{1,6})?)\s?([kmgtKMGT]?)[bB]?\z")]
    private static partial Regex Shape();
}
