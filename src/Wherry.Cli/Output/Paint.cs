namespace Wherry.Cli.Output;

/// <summary>Colours of a terminal; the text alone when there are none.</summary>
internal static class Paint
{
    private static readonly string[] Replicas = ["36", "33", "35", "32", "34", "96", "93", "95", "92", "94"];

    public static string Red(string text, bool on) => With("31", text, on);

    public static string Green(string text, bool on) => With("32", text, on);

    public static string Yellow(string text, bool on) => With("33", text, on);

    public static string Bold(string text, bool on) => With("1", text, on);

    public static string Dim(string text, bool on) => With("2", text, on);

    /// <summary>The same colour for the same number, in turn.</summary>
    public static string Numbered(int number, string text, bool on) => With(Replicas[number % Replicas.Length], text, on);

    private static string With(string colour, string text, bool on) => on ? $"\e[{colour}m{text}\e[0m" : text;
}
