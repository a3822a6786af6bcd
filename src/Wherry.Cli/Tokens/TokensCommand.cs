using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Tokens;

/// <summary><c>wherry tokens list|create|revoke</c>.</summary>
internal static class TokensCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("tokens", "Lists, makes and revokes tokens for the API and for Git", "wherry tokens create ci --scope deploy --expires 30d", "wherry tokens list", "wherry tokens revoke ci"),
        BuildList(verbs),
        [BuildCreate(verbs), BuildRevoke(verbs)]);

    private static Command BuildList(Verbs verbs) => verbs.On(new Verb("list", "Lists tokens; the tokens themselves are not kept"), async (call, ct) =>
    {
        var tokens = await call.Client.TokensAsync(ct);
        call.Print(tokens, ClientJson.Default.IReadOnlyListToken, o => Write(o, tokens, call.World.Time.GetUtcNow()));
        return Exit.Ok;
    });

    private static Command BuildCreate(Verbs verbs)
    {
        var name = new Argument<string>("name") { Description = "What the token is for" };
        var scope = new Option<TokenScope>("--scope") { Description = "What it may do; each includes the ones before it", HelpName = "read|deploy|admin", DefaultValueFactory = _ => TokenScope.Deploy, CustomParser = result => ReadScope(result.Tokens[0].Value, result.AddError) };
        scope.CompletionSources.Add("read", "deploy", "admin");
        var expires = Durations.Option("--expires", "When it ends (default: never)");
        return verbs.On(new Verb("create", "Makes a token and prints it; it is shown this once", "wherry tokens create ci --scope deploy --expires 30d") { name, scope, expires }, async (call, ct) =>
        {
            var seconds = call.Get(expires) is { } span ? (int?)Math.Min(span.TotalSeconds, int.MaxValue) : null;
            var created = await call.Client.CreateTokenAsync(new CreateToken(call.Get(name)!, call.Get(scope), seconds), ct);
            call.Print(created, ClientJson.Default.TokenCreated, o => o.WriteLine(created.Secret));
            return Exit.Ok;
        });
    }

    private static Command BuildRevoke(Verbs verbs)
    {
        var token = new Argument<string>("token") { Description = "Name or id" };
        return verbs.On(new Verb("revoke", "Revokes a token; it stops working at once", "wherry tokens revoke ci") { token }, async (call, ct) =>
        {
            await call.Client.RevokeTokenAsync(call.Get(token)!, ct);
            call.Note($"token {call.Get(token)} revoked");
            return Exit.Ok;
        });
    }

    internal static void Write(TextWriter output, IReadOnlyList<Token> tokens, DateTimeOffset now)
    {
        if (tokens.Count == 0)
        {
            output.WriteLine("no token yet");
            return;
        }

        var table = new Table("NAME", "SCOPE", "CREATED", "LAST USED", "STATE");
        foreach (var token in tokens)
        {
            table.Add(token.Name, token.Scope.ToString().ToLowerInvariant(), Ago.Of(token.CreatedAt, now), Ago.Of(token.LastUsedAt, now), State(token, now));
        }

        table.Write(output);
    }

    private static string State(Token token, DateTimeOffset now) => token switch
    {
        { RevokedAt: not null } => "revoked",
        { ExpiresAt: { } end } when end <= now => "expired",
        { ExpiresAt: { } end } => $"expires in {Ago.Short(end - now)}",
        _ => "valid",
    };

    private static TokenScope ReadScope(string text, Action<string> error)
    {
        switch (text)
        {
            case "read": return TokenScope.Read;
            case "deploy": return TokenScope.Deploy;
            case "admin": return TokenScope.Admin;
            default:
                error($"\"{text}\" is not a scope: read, deploy or admin.");
                return TokenScope.Read;
        }
    }
}
