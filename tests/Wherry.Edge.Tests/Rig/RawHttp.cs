using System.Net.Sockets;
using System.Text;

namespace Wherry.Edge.Tests.Rig;

/// <summary>Bytes to the edge and back, for what no well-behaved client sends.</summary>
public static class RawHttp
{
    /// <summary>Everything the edge answers until it closes the connection.</summary>
    public static async Task<string> SendAsync(TestEdge edge, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(edge.Address, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    public static Task<string> GetAsync(TestEdge edge, string target, params string[] headers) =>
        SendAsync(edge, $"GET {target} HTTP/1.1\r\nHost: {A.Host}\r\nConnection: close\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n");
}
