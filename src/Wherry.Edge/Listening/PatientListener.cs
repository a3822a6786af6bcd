using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Wherry.Edge.Listening;

/// <summary>Takes no more connections when it is told so, and gives those that it took last the time to send their request: the server closes what has sent none.</summary>
internal sealed class PatientListener(IConnectionListener listener, TimeProvider time) : IConnectionListener
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    public EndPoint EndPoint => listener.EndPoint;

    public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => listener.AcceptAsync(cancellationToken);

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await listener.UnbindAsync(cancellationToken);
        await Task.Delay(Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public ValueTask DisposeAsync() => listener.DisposeAsync();
}
