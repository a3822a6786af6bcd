using System.Net.Sockets;
using Wherry.Cli.Supervision;
using Wherry.Client;

namespace Wherry.Cli.Frame;

/// <summary>Why the server on this machine was not reached, in words that help.</summary>
internal static class Unreachable
{
    /// <summary>The client's own problem when the server is elsewhere, or was reached.</summary>
    public static ApiProblem InWords(ApiException e, Call call)
    {
        if (e.Status != 0 || !call.IsLocal || SocketError(e) is not { } error)
        {
            return e.Problem;
        }

        var socket = new HomeFiles(call.Home).Socket;
        return error is System.Net.Sockets.SocketError.AccessDenied
            ? new(e.Problem.Code, $"{socket} may not be opened by this user.", "Use sudo, or --server with --token.")
            : new(e.Problem.Code, $"No Wherry server answers at {socket}.", "Start it with `wherry up`; `wherry doctor` tells what is wrong. One elsewhere is named with --server.");
    }

    private static SocketError? SocketError(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is SocketException { SocketErrorCode: var error })
            {
                return error;
            }
        }

        return null;
    }
}
