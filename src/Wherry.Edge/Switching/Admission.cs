using Wherry.Core.Routing;

namespace Wherry.Edge.Switching;

/// <summary>Whether a service takes requests. Outlives redeploys; only the operator changes it.</summary>
internal sealed class Admission
{
    private volatile State _state = new(ServiceMode.Running, null, TimeSpan.Zero);

    public State Now => _state;

    public void Set(State next)
    {
        var previous = _state;
        _state = next;
        previous.End();
    }

    /// <summary>Lets held requests look again, for instance because the service is gone.</summary>
    public void Wake() => Set(new(_state.Mode, _state.Message, _state.MaxWait));

    /// <param name="message">The operator's words for the 503 page.</param>
    /// <param name="maxWait">Longest time a request is held while paused.</param>
    internal sealed class State(ServiceMode mode, string? message, TimeSpan maxWait)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ServiceMode Mode => mode;

        public string? Message => message;

        public TimeSpan MaxWait => maxWait;

        /// <summary>Ends when another state takes over.</summary>
        public Task Ended => _ended.Task;

        public void End() => _ended.TrySetResult();
    }
}
