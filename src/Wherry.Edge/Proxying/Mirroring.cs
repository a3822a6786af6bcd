using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Features;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Proxying;

/// <summary>Sends copies of requests to targets that answer nobody. No visitor waits for one or sees what becomes of it; where too many are under way, further ones are left out.</summary>
internal sealed class Mirroring : IAsyncDisposable
{
    private const int AtOnce = 32;
    private const int MostWaiting = 256;

    /// <summary>Bodies that are kept at once.</summary>
    private const int MostBodies = 64;

    /// <summary>Longest time of one copy.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Channel<MirrorCopy> _waiting = Channel.CreateBounded<MirrorCopy>(MostWaiting);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Upstream _upstream;
    private readonly TimeProvider _time;
    private readonly Task[] _workers;
    private int _bodies;

    public Mirroring(Upstream upstream, TimeProvider time)
    {
        _upstream = upstream;
        _time = time;
        _workers = [.. Enumerable.Range(0, AtOnce).Select(_ => WorkAsync(_stopping.Token))];
    }

    /// <summary>Keeps a request that is to be sent once more; one without a body is sent at once.</summary>
    /// <returns><see langword="null"/> when it is not copied.</returns>
    public MirrorCopy? Take(EdgeRequest request, ServiceSlot slot, TrafficMirror rule, Route route, string path)
    {
        var http = request.Http;
        if (!rule.Methods.Contains(http.Request.Method) || http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true })
        {
            return null;
        }

        var hasBody = http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };
        if (http.Request.ContentLength > rule.MaxBodyBytes || (hasBody && !MayKeepBody()))
        {
            slot.Sides?.Shared.LeftOut();
            return null;
        }

        var copy = new MirrorCopy(http.Request, slot, route, path, hasBody ? request.KeepBody(rule.MaxBodyBytes) : null);
        if (!hasBody)
        {
            Send(copy, isWhole: true);
        }

        return copy;
    }

    /// <summary>The visitor has his answer: what was waiting for the end of its body is sent.</summary>
    public void End(EdgeRequest request)
    {
        if (request.Copy is { Settled: false, Body: { } body } copy)
        {
            Send(copy, body.IsWhole(request.BytesIn));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_workers);
        _stopping.Dispose();
    }

    private void Send(MirrorCopy copy, bool isWhole)
    {
        copy.Settled = true;
        if (!isWhole || !_waiting.Writer.TryWrite(copy))
        {
            LeaveOut(copy);
        }
    }

    private void LeaveOut(MirrorCopy copy)
    {
        copy.Slot.Sides?.Shared.LeftOut();
        Forget(copy);
    }

    private bool MayKeepBody()
    {
        if (Interlocked.Increment(ref _bodies) <= MostBodies)
        {
            return true;
        }

        Interlocked.Decrement(ref _bodies);
        return false;
    }

    private void Forget(MirrorCopy copy)
    {
        if (copy.Body is not null)
        {
            Interlocked.Decrement(ref _bodies);
        }
    }

    private async Task WorkAsync(CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            await foreach (var copy in _waiting.Reader.ReadAllAsync(ct))
            {
                await SendAsync(copy, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The edge stops; what waits is not sent.
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a target does with a copy costs the copy only.")]
    private async Task SendAsync(MirrorCopy copy, CancellationToken ct)
    {
        if (copy.Slot.ClaimMirror() is not { } target)
        {
            LeaveOut(copy);
            return;
        }

        var start = _time.GetTimestamp();
        int? status = null;
        using var late = new CancellationTokenSource(Longest, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, target.Cut, ct);
        try
        {
            using var message = copy.ToMessage(target);
            using var response = await _upstream.Invoker.SendAsync(message, either.Token);
            status = (int)response.StatusCode;
            await response.Content.CopyToAsync(Stream.Null, either.Token);
        }
        catch (Exception e)
        {
            // An answer that has no end is not the target's fault.
            status = (e, late.IsCancellationRequested) switch
            {
                (_, true) => status ?? 504,
                (OperationCanceledException, _) => 499,
                _ => 502,
            };
        }
        finally
        {
            target.Release();
            Forget(copy);
            copy.Slot.Sides?.Shared.Ended(status ?? 502, _time.GetElapsedTime(start));
        }
    }
}
