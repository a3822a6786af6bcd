using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Wherry.Cli.Supervision;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Frame;

/// <summary>One call of a verb: its options, and what it talks to.</summary>
internal sealed class Call(World world, GlobalOptions globals, ParseResult parse) : IDisposable
{
    private WherryClient? _client;

    public World World => world;

    public bool Json => parse.GetValue(globals.Json);

    public bool Quiet => parse.GetValue(globals.Quiet);

    /// <summary>The state folder, absolute.</summary>
    public string Home => Path.GetFullPath(parse.GetValue(globals.Home) ?? world.Variable("WHERRY_HOME") ?? GlobalOptions.DefaultHome, world.Folder);

    /// <summary>The server on this machine is meant, not one elsewhere.</summary>
    public bool IsLocal => ServerAddress is null;

    public string Environment => parse.GetValue(globals.Environment)!;

    /// <summary>The environment as it was named; <see langword="null"/> when the usual one is meant.</summary>
    public string? NamedEnvironment => IsGiven(globals.Environment) ? Environment : null;

    /// <summary>The project as it was named, by option or variable; <see langword="null"/> when it is to be guessed.</summary>
    public string? NamedProject => parse.GetValue(globals.Project) ?? world.Variable("WHERRY_PROJECT");

    /// <summary>A <c>--</c> stands on the command line.</summary>
    public bool HasDoubleDash => parse.Tokens.Any(t => t.Type is TokenType.DoubleDash);

    /// <summary>Connects on the first use.</summary>
    public WherryClient Client => _client ??= Connect();

    private string? ServerAddress => parse.GetValue(globals.Server) ?? world.Variable("WHERRY_SERVER");

    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parse.GetValue(argument);

    /// <summary>The option stands on the command line, with a value or without.</summary>
    public bool IsGiven(Option option) => parse.GetResult(option) is { Implicit: false };

    /// <summary>The project this call is about. Says which one it is, and why, when nobody named it.</summary>
    public async Task<string> ProjectAsync(CancellationToken ct)
    {
        if (NamedProject is { } named)
        {
            return named;
        }

        var guess = await ProjectGuess.OfFolderAsync(world.Folder, ct);
        Note($"project {guess.Name} (from {guess.From})");
        return guess.Name;
    }

    /// <summary>Tells progress, on standard error, unless <c>--quiet</c>.</summary>
    public void Note(string line)
    {
        if (!Quiet)
        {
            world.Err.WriteLine(line);
        }
    }

    /// <summary>Prints a line of a result, on standard output.</summary>
    public void Result(string line) => world.Out.WriteLine(line);

    /// <summary>Prints a result: the record with <c>--json</c>, else text for a person.</summary>
    public void Print<T>(T record, JsonTypeInfo<T> type, Action<TextWriter> forPerson)
    {
        if (Json)
        {
            PrintJson(record, type);
        }
        else
        {
            forPerson(world.Out);
        }
    }

    public void PrintJson<T>(T record, JsonTypeInfo<T> type, bool indented = true)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            JsonSerializer.Serialize(writer, record, type);
        }

        world.Out.WriteLine(System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    public void Dispose() => _client?.Dispose();

    private WherryClient Connect()
    {
        if (ServerAddress is not { } text)
        {
            return WherryClient.OverSocket(new HomeFiles(Home).Socket);
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new Problem("cli/server-address", $"\"{text}\" is not the address of a server.", "Give it as https://host or http://host:port.").AsException();
        }

        var token = parse.GetValue(globals.Token) ?? world.Variable("WHERRY_TOKEN")
            ?? throw new Problem("token/missing", $"The server at {address} needs a token.", "Give it with --token or WHERRY_TOKEN; make one on the server with `wherry tokens create NAME`.").AsException();
        return WherryClient.OverHttp(address, token);
    }
}
