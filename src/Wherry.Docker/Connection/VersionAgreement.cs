using Wherry.Core.Problems;

namespace Wherry.Docker.Connection;

/// <summary>The API version that both sides speak.</summary>
internal sealed record Agreed(Version Api, EngineVersion Version);

/// <summary>Agrees on an API version at the first call, once; asks again when the engine did not answer.</summary>
internal sealed class VersionAgreement(EngineEndpoint endpoint, Func<CancellationToken, Task<VersionWire>> ask) : IDisposable
{
    internal static readonly Version Oldest = new(1, 41);
    internal static readonly Version Newest = new(1, 51);
    private readonly SemaphoreSlim _asking = new(1, 1);
    private volatile Agreed? _agreed;

    /// <exception cref="ProblemException"><c>docker/unreachable</c>, <c>docker/version-too-old</c>.</exception>
    public async Task<Agreed> GetAsync(CancellationToken ct)
    {
        if (_agreed is { } known)
        {
            return known;
        }

        await _asking.WaitAsync(ct);
        try
        {
            return _agreed ??= Agree(endpoint, await ask(ct));
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>The engine was exchanged: the next call asks anew.</summary>
    public void Forget() => _agreed = null;

    public void Dispose() => _asking.Dispose();

    internal static Agreed Agree(EngineEndpoint endpoint, VersionWire wire)
    {
        if (!Version.TryParse(wire.ApiVersion, out var engine))
        {
            throw EngineProblems.Unreachable(endpoint, new InvalidDataException("what answers there is not a Docker Engine")).AsException();
        }

        if (engine < Oldest)
        {
            throw EngineProblems.TooOld(endpoint, wire.ApiVersion!, Oldest.ToString()).AsException();
        }

        if (Version.TryParse(wire.MinAPIVersion, out var engineOldest) && engineOldest > Newest)
        {
            throw EngineProblems.TooNew(endpoint, wire.MinAPIVersion!, Newest.ToString()).AsException();
        }

        var api = engine < Newest ? engine : Newest;
        return new(api, wire.ToVersion(api));
    }
}
