using System.Collections.Concurrent;
using Wherry.Core.Model;

namespace Wherry.Edge.Acme.Orders;

/// <summary>One issuance at a time per name, also when certificates share names.</summary>
internal sealed class NameLocks
{
    private readonly ConcurrentDictionary<HostName, SemaphoreSlim> _names = new();

    /// <summary>Disposing what it returns lets go.</summary>
    public async Task<IDisposable> TakeAsync(CertificateNames names, CancellationToken ct)
    {
        var taken = new Taken();
        try
        {
            foreach (var name in names) // in their order, so that no two wait for each other
            {
                var one = _names.GetOrAdd(name, _ => new(1, 1));
                await one.WaitAsync(ct);
                taken.Add(one);
            }

            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    private sealed class Taken : List<SemaphoreSlim>, IDisposable
    {
        public void Dispose()
        {
            ForEach(one => one.Release());
            Clear();
        }
    }
}
