namespace Wherry.Client;

/// <summary>First byte of each binary WebSocket message of a <c>run</c> or <c>exec</c> session. The session opens with one text message, an <see cref="ExecRequest"/>.</summary>
public enum Frame : byte
{
    /// <summary>Client to server: bytes for standard input; empty closes it.</summary>
    Input = 0,

    /// <summary>Server to client: bytes of standard output.</summary>
    Output = 1,

    /// <summary>Server to client: bytes of standard error.</summary>
    Error = 2,

    /// <summary>Server to client, last: the exit code as 4 bytes, big-endian.</summary>
    Exit = 3,

    /// <summary>Client to server: columns and rows, 2 bytes each, big-endian.</summary>
    Resize = 4,

    /// <summary>Server to client, last: an <see cref="ApiProblem"/> as JSON.</summary>
    Problem = 5,
}
