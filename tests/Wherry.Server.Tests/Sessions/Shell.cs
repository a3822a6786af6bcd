using System.Text;
using Wherry.Client;

namespace Wherry.Server.Tests.Sessions;

/// <summary>What a session printed and how it ended.</summary>
internal sealed record Shell(int Exit, byte[] Output, byte[] Error)
{
    public string Text => Encoding.UTF8.GetString(Output);

    public string ErrorText => Encoding.UTF8.GetString(Error);

    public static Task<Shell> ExecAsync(WherryClient client, ExecRequest request, byte[]? input = null, string service = "web") =>
        PumpAsync(ct => client.ExecAsync("shop", "production", service, ct), request, input);

    public static Task<Shell> RunAsync(WherryClient client, ExecRequest request, byte[]? input = null, string service = "web") =>
        PumpAsync(ct => client.RunAsync("shop", "production", service, ct), request, input);

    private static async Task<Shell> PumpAsync(Func<CancellationToken, Task<System.Net.WebSockets.WebSocket>> open, ExecRequest request, byte[]? input)
    {
        var ct = TestContext.Current.CancellationToken;
        using var session = await open(ct);
        using MemoryStream output = new(), error = new();
        var exit = await SessionPump.RunAsync(session, request with { Input = input is not null }, new MemoryStream(input ?? []), output, error, null, ct);
        return new Shell(exit, output.ToArray(), error.ToArray());
    }
}
