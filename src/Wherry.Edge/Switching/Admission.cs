using System.Net;
using Wherry.Core.Routing;
using Wherry.Edge.Rules;

namespace Wherry.Edge.Switching;

/// <summary>Whether a service takes requests. Outlives redeploys; only the operator changes it.</summary>
internal sealed class Admission
{
    private volatile State _state = State.Running;

    public State Now => _state;

    public void Set(State next)
    {
        var previous = _state;
        _state = next;
        previous.End();
    }

    /// <summary>Lets held requests look again, for instance because the service is gone.</summary>
    public void Wake() => Set(_state.Again());

    /// <param name="mode">Until its end; then the service runs.</param>
    /// <param name="message">The operator's words for the 503 page.</param>
    /// <param name="maxWait">Longest time a request is held while paused.</param>
    /// <param name="allow">Addresses and networks that get through all the same.</param>
    /// <param name="until">When it ends by itself.</param>
    internal sealed class State(ServiceMode mode, string? message, TimeSpan maxWait, IReadOnlyList<string>? allow = null, DateTimeOffset? until = null)
    {
        private readonly NetworkList? _allow = allow is null ? null : new(allow);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static State Running => new(ServiceMode.Running, null, TimeSpan.Zero);

        /// <summary>As it was set; it may have ended since.</summary>
        public ServiceMode Mode => mode;

        public string? Message => message;

        public TimeSpan MaxWait => maxWait;

        public IReadOnlyList<string>? Allow => allow;

        public DateTimeOffset? Until => until;

        /// <summary>Whether it keeps this client's requests from the service.</summary>
        public bool Stops(string client, DateTimeOffset now) =>
            mode is not ServiceMode.Running && !(now >= until) && (_allow is null || !IPAddress.TryParse(client, out var address) || !_allow.Contains(address));

        /// <summary>Waits until another state takes over or its end has come.</summary>
        /// <param name="since">Timestamp of when the waiting began.</param>
        /// <param name="time">Its clock.</param>
        /// <param name="ct">Ends the waiting.</param>
        /// <returns>False when the longest time of a pause was over before.</returns>
        public async Task<bool> GoesOnAsync(long since, TimeProvider time, CancellationToken ct)
        {
            var left = maxWait - time.GetElapsedTime(since);
            var toEnd = until - time.GetUtcNow();
            var ends = toEnd < left;
            left = ends ? toEnd!.Value : left;
            try
            {
                await _ended.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, ct);
                return true;
            }
            catch (TimeoutException)
            {
                return ends;
            }
        }

        /// <summary>The same, as what requests wait for from now on.</summary>
        public State Again() => new(mode, message, maxWait, allow, until);

        /// <summary>What is in force now.</summary>
        public State At(DateTimeOffset now) => now >= until ? Running : this;

        public void End() => _ended.TrySetResult();
    }
}
