using System.Diagnostics;
using System.Net.Sockets;
using Wherry.Edge.Tests.Rig;
using static Wherry.Edge.Tests.Rig.RawHttp2;

namespace Wherry.Edge.Tests.Attacks;

/// <summary>Frames that HTTP/2 forbids end with the error that RFC 9113 asks for, or RFC 7541 where it is about compression; frames that it lets pass disturb nobody.</summary>
public sealed class FrameTests : OnAnEdge
{
    // Frames
    private const byte Data = 0;
    private const byte Head = 1;
    private const byte Priority = 2;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte Push = 5;
    private const byte Ping = 6;
    private const byte Away = 7;
    private const byte Window = 8;
    private const byte More = 9;

    // Errors
    private const int None = -1; // what follows is answered
    private const int Protocol = 1;
    private const int Internal = 2;
    private const int FlowControl = 3;
    private const int Closed = 5;
    private const int Size = 6;
    private const int Compression = 9;

    private static readonly byte[] Get1 = Headers(1, "/");

    /// <summary>A request whose body follows.</summary>
    private static readonly byte[] Post1 = Frame(Head, 4, 1, Block(("POST", ":method"), ("http", ":scheme"), (A.Host, ":authority"), ("/", ":path")));

    private static readonly Dictionary<string, (string Case, byte[] Frames, int[] Errors)[]> Sections = new()
    {
        // The server below us forgives a client that begins without SETTINGS (Protocol is asked for), and calls entry 0 an error of its own.
        ["3.4 preface"] = [("begins with PING", Frame(Ping, 0, 0, new byte[8]), [None]), ("begins with HEADERS", Get1, [None])],
        ["4.1 and 5.5 what is unknown"] =
        [
            ("a frame of an unknown type", Frame(0x42, 0xff, 0, new byte[10]), [None]), ("one on a stream", Frame(0x42, 0, 7, new byte[10]), [None]),
            ("one inside a header block", [.. Frame(Head, 1, 1, Block(("GET", ":method"))), .. Frame(0x42, 0, 1, [])], [Protocol]),
            ("unknown flags of PING", Frame(Ping, 0xfe, 0, new byte[8]), [None]), ("an unknown setting", Frame(Settings, 0, 0, [0xee, 0xee, 1, 2, 3, 4]), [None]),
            ("the reserved bit of a stream's number", Headers(1 | int.MinValue, "/"), [None]),
        ],
        ["4.2 sizes"] =
        [
            ("SETTINGS of 5 bytes", Frame(Settings, 0, 0, new byte[5]), [Size]), ("an acknowledgement of SETTINGS that holds some", Frame(Settings, 1, 0, new byte[6]), [Size]),
            ("PING of 7 bytes", Frame(Ping, 0, 0, new byte[7]), [Size]), ("WINDOW_UPDATE of 3 bytes", Frame(Window, 0, 0, new byte[3]), [Size]),
            ("RST_STREAM of 3 bytes", [.. Post1, .. Frame(Reset, 0, 1, new byte[3])], [Size]), ("PRIORITY of 4 bytes", [.. Post1, .. Frame(Priority, 0, 1, new byte[4])], [Size]),
            ("DATA above the largest frame", [.. Post1, .. Frame(Data, 0, 1, new byte[16_385])], [Size]), ("HEADERS above it", Frame(Head, 5, 1, new byte[16_385]), [Size]),
        ],
        ["5.1 states of a stream"] =
        [
            ("DATA on an idle one", Frame(Data, 0, 1, new byte[1]), [Protocol, Closed]), ("RST_STREAM on an idle one", Frame(Reset, 0, 1, new byte[4]), [Protocol]),
            ("WINDOW_UPDATE on an idle one", Frame(Window, 0, 1, [0, 0, 0, 1]), [Protocol]), ("CONTINUATION on an idle one", Frame(More, 4, 1, Block(("GET", ":method"))), [Protocol]),
            ("DATA after its end", [.. Get1, .. Frame(Data, 1, 1, new byte[1])], [Closed]), ("HEADERS after its end", [.. Get1, .. Get1], [Closed, Protocol]),
            ("a number of the server's", Headers(2, "/"), [Protocol]), ("a number below the last", [.. Headers(5, "/"), .. Headers(3, "/")], [Protocol, Closed]),
            ("PRIORITY on an idle one", Frame(Priority, 0, 9, new byte[5]), [None]),
        ],
        ["6.1 to 6.4 DATA, HEADERS, PRIORITY, RST_STREAM"] =
        [
            ("DATA on stream 0", Frame(Data, 0, 0, new byte[1]), [Protocol]), ("HEADERS on stream 0", Headers(0, "/"), [Protocol]), ("PRIORITY on stream 0", Frame(Priority, 0, 0, new byte[5]), [Protocol]),
            ("RST_STREAM on stream 0", Frame(Reset, 0, 0, new byte[4]), [Protocol]), ("DATA that is all padding, and more", [.. Post1, .. Frame(Data, 8, 1, [5, 0, 0])], [Protocol]),
            ("HEADERS that are all padding, and more", Frame(Head, 13, 1, [200, .. Block(("GET", ":method"))]), [Protocol]),
        ],
        ["6.5 SETTINGS"] =
        [
            ("on a stream", Frame(Settings, 0, 1, []), [Protocol]), ("push neither on nor off", Setting(2, 2), [Protocol]), ("a window above 2^31-1", Setting(4, 0x80000000), [FlowControl]),
            ("frames smaller than 16,384", Setting(5, 16_383), [Protocol]), ("frames above 2^24-1", Setting(5, 1 << 24), [Protocol]),
            ("the same setting again and again", [.. Setting(4, 1), .. Setting(4, 70_000), .. Setting(1, 0), .. Setting(1, 4096)], [None]),
        ],
        ["6.6 to 6.8 PUSH_PROMISE, PING, GOAWAY"] =
        [
            ("a client that pushes", [.. Post1, .. Frame(Push, 4, 1, [0, 0, 0, 2, 0x82])], [Protocol]), ("PING on a stream", Frame(Ping, 0, 1, new byte[8]), [Protocol]),
            ("an acknowledgement nobody waits for", Frame(Ping, 1, 0, new byte[8]), [None]), ("GOAWAY on a stream", Frame(Away, 0, 1, new byte[8]), [Protocol]),
        ],
        ["6.9 flow control"] =
        [
            ("an increment of 0", Frame(Window, 0, 0, new byte[4]), [Protocol]), ("one of 0 on a stream", [.. Post1, .. Frame(Window, 0, 1, new byte[4])], [Protocol]),
            ("a connection's window above 2^31-1", Frame(Window, 0, 0, [0x7f, 0xff, 0xff, 0xff]), [FlowControl]),
            ("a stream's window above 2^31-1", [.. Post1, .. Frame(Window, 0, 1, [0x7f, 0xff, 0xff, 0xff])], [FlowControl]),
            ("one that a setting lifts above it", [.. Post1, .. Frame(Window, 0, 1, [0x7f, 0, 0, 0]), .. Setting(4, 0x7fffffff)], [FlowControl]),
        ],
        ["6.10 CONTINUATION"] =
        [
            ("another stream's HEADERS between", [.. Frame(Head, 1, 1, Block(("GET", ":method"))), .. Headers(3, "/")], [Protocol]),
            ("DATA between", [.. Frame(Head, 0, 1, Block(("GET", ":method"))), .. Frame(Data, 0, 1, new byte[1])], [Protocol]),
            ("PING between", [.. Frame(Head, 1, 1, Block(("GET", ":method"))), .. Frame(Ping, 0, 0, new byte[8])], [Protocol]),
            ("another stream's", [.. Frame(Head, 1, 1, Block(("GET", ":method"))), .. Frame(More, 4, 3, [])], [Protocol]),
            ("after the end of the head", [.. Post1, .. Frame(More, 4, 1, Block(("b", "a")))], [Protocol]), ("on stream 0", Frame(More, 4, 0, []), [Protocol]),
            ("a head in many pieces", [.. Frame(Head, 1, 1, Block(("GET", ":method"), ("http", ":scheme"))), .. Frame(More, 0, 1, []), .. Frame(More, 4, 1, Block((A.Host, ":authority"), ("/", ":path")))], [None]),
        ],
        ["8.2 and 8.3 requests"] =
        [
            ("a name in capitals", Request(("b", "Big")), [Protocol]), ("a pseudo-header after the others", Request(("b", "a"), ("x", ":authority")), [Protocol]), ("an unknown one", Request(("b", ":mine")), [Protocol]),
            ("an answer's", Request(("200", ":status")), [Protocol]), ("one twice", Request(("/", ":path")), [Protocol]), ("connection", Request(("close", "connection")), [Protocol]),
            ("te that is not trailers", Request(("gzip", "te")), [Protocol]), ("no method", Frame(Head, 5, 1, Block(("http", ":scheme"), ("/", ":path"), (A.Host, ":authority"))), [Protocol]),
            ("no scheme", Frame(Head, 5, 1, Block(("GET", ":method"), ("/", ":path"), (A.Host, ":authority"))), [Protocol]),
            ("no path", Frame(Head, 5, 1, Block(("GET", ":method"), ("http", ":scheme"), (A.Host, ":authority"))), [Protocol]),
            ("more body than it says", [.. Frame(Head, 4, 1, Block(("POST", ":method"), ("http", ":scheme"), (A.Host, ":authority"), ("/", ":path"), ("1", "content-length"))), .. Frame(Data, 1, 1, new byte[5])], [Protocol]),
            ("less body than it says", [.. Frame(Head, 4, 1, Block(("POST", ":method"), ("http", ":scheme"), (A.Host, ":authority"), ("/", ":path"), ("9", "content-length"))), .. Frame(Data, 1, 1, new byte[5])], [Protocol]),
            ("trailers with a pseudo-header", [.. Post1, .. Frame(Head, 5, 1, Block(("/", ":path")))], [Protocol]), ("trailers that do not end it", [.. Post1, .. Frame(Head, 4, 1, Block(("b", "a")))], [Protocol]),
        ],
        ["compression"] =
        [
            ("entry 0", Frame(Head, 5, 1, [0x80]), [Compression, Internal]), ("an entry that there is not", Frame(Head, 5, 1, [0xff, 0x60]), [Compression]), ("a table above what was allowed", Frame(Head, 5, 1, [0x3f, 0xe1, 0xff, 0x03]), [Compression]),
            ("a table's size at the end", Frame(Head, 5, 1, [0x82, 0x86, 0x84, 0x20]), [Compression]), ("a block that stops in a line", Frame(Head, 5, 1, [0x82, 0x00, 5, 97]), [Compression]),
            ("Huffman's end inside a text", Frame(Head, 5, 1, [0, 0x84, 0xff, 0xff, 0xff, 0xff, 1, 97]), [Compression]), ("a number without an end", Frame(Head, 5, 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), [Compression]),
        ],
    };

    public static TheoryData<string> Names() => [.. Sections.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Frames_get_the_error_that_the_standard_asks_for_or_none(string section)
    {
        await using var web = await Backend.StartAsync("web1");
        web.Otherwise = async http => await http.Request.Body.CopyToAsync(http.Response.Body);
        await Edge.Control.PutAsync(A.Service(web), Ct);
        var wrong = new List<string>();
        foreach (var (name, frames, errors) in Sections[section])
        {
            var got = await ErrorAsync(frames, settle: section.StartsWith("3.4", StringComparison.Ordinal));
            if (!errors.Contains(got))
            {
                wrong.Add($"{name}: {got} instead of {string.Join(" or ", errors)}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(200, await Edge.StatusAsync("/up"));
    }

    [Fact]
    public async Task Clients_of_another_house_are_served_over_HTTP_2()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, host: null)] }, Ct);

        Assert.Contains("web1", await RunAsync("nghttp", $"http://{Edge.Address}/"), StringComparison.Ordinal);
        Assert.Contains("recv SETTINGS frame", await RunAsync("nghttp", "-nv", $"http://{Edge.Address}/"), StringComparison.Ordinal);
        Assert.Contains("2000 succeeded, 0 failed", await RunAsync("h2load", "-n", "2000", "-c", "10", "-m", "20", $"http://{Edge.Address}/"), StringComparison.Ordinal);
    }

    /// <summary>The code of GOAWAY or RST_STREAM that follows; <see cref="None"/> when a request after it is answered; -2: the edge left without a word.</summary>
    private async Task<int> ErrorAsync(byte[] frames, bool settle)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(Edge.Address, Ct);
        var stream = client.GetStream();
        await stream.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. settle ? [] : Frame(Settings, 0, 0, []), .. frames, .. Headers(99, "/up")], Ct);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        var head = new byte[9];
        try
        {
            while (true)
            {
                await stream.ReadExactlyAsync(head, limit.Token);
                var content = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
                await stream.ReadExactlyAsync(content, limit.Token);
                switch (head[3])
                {
                    case Away: return content[7];
                    case Reset: return content[3];
                    case Head when head[8] == 99: return None;
                    default: break;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return -2;
        }
    }

    private static byte[] Setting(short which, uint value) => Frame(Settings, 0, 0, [0, (byte)which, (byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);

    private static byte[] Block(params (string Value, string Name)[] lines) => [.. lines.SelectMany(l => Header(l.Name, l.Value))];

    /// <summary>A GET with more lines.</summary>
    private static byte[] Request(params (string Value, string Name)[] more) => Headers(1, "/", [.. more.Select(l => (l.Name, l.Value))]);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var client = Process.Start(new ProcessStartInfo($"/usr/bin/{program}", arguments) { RedirectStandardOutput = true })!;
        var said = await client.StandardOutput.ReadToEndAsync(Ct);
        await client.WaitForExitAsync(Ct);
        return said;
    }
}
