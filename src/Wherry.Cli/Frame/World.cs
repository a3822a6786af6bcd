namespace Wherry.Cli.Frame;

/// <summary>What a command sees of the process around it.</summary>
internal sealed record World
{
    /// <summary>Results.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Progress and problems.</summary>
    public required TextWriter Err { get; init; }

    public required Stream In { get; init; }

    /// <summary>Standard output for bytes that are no text of ours.</summary>
    public required Stream OutBytes { get; init; }

    /// <summary>Standard error for bytes that are no text of ours.</summary>
    public required Stream ErrBytes { get; init; }

    public bool InIsTerminal { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrIsTerminal { get; init; }

    /// <summary>The current folder, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>An environment variable of this process; <see langword="null"/> when unset or empty.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>All environment variables of this process.</summary>
    public Func<IReadOnlyDictionary<string, string>> Variables { get; init; } = () => new Dictionary<string, string>();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Colours are wanted on standard output: it is a terminal and <c>NO_COLOR</c> is not set.</summary>
    public bool ColourOut => OutIsTerminal && Variable("NO_COLOR") is null;

    /// <summary>Colours are wanted on standard error.</summary>
    public bool ColourErr => ErrIsTerminal && Variable("NO_COLOR") is null;

    public static World OfThisProcess() => new()
    {
        Out = Console.Out,
        Err = Console.Error,
        In = Console.OpenStandardInput(),
        OutBytes = Console.OpenStandardOutput(),
        ErrBytes = Console.OpenStandardError(),
        InIsTerminal = !Console.IsInputRedirected,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrIsTerminal = !Console.IsErrorRedirected,
        Folder = Environment.CurrentDirectory,
        Variables = () => Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? ""),
        Variable = name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
    };
}
