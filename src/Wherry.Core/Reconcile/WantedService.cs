using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Core.Reconcile;

/// <summary>A service of the current release, as what runs is compared with it.</summary>
/// <param name="Spec">Scaled.</param>
/// <param name="Hash">Its <see cref="SpecHash"/>.</param>
/// <param name="IsJob">It runs to its end; others wait for that.</param>
public sealed record WantedService(ServiceSpec Spec, string Hash, bool IsJob)
{
    public ServiceName Name => Spec.Name;

    public bool IsRouted => Spec.IsRouted();

    /// <summary>What is dead, missing, too many or without its traffic is mended without being asked. Default yes.</summary>
    public bool Heals => Spec.Deploy.Heal;

    public static IReadOnlyList<WantedService> Of(ProjectModel model) =>
        [.. model.Services.Values.Select(s => new WantedService(s, SpecHash.Of(s), Dependents.WaitForCompletion(model, s.Name)))];

    /// <summary>It has done what it was for: it ended well, and its policy does not ask for more.</summary>
    public bool IsDone(SeenContainer container) => container is { Doing: Doing.Exited, ExitCode: 0 } && MayEnd;

    /// <summary>It ended, and its restart policy says that it stays so: <c>no</c>, or as many attempts as were allowed.</summary>
    public bool HasGivenUp(SeenContainer container) => container.Doing is Doing.Exited or Doing.Dead
        && (Spec.Restart.Condition == RestartCondition.No || Spec.Restart is { Condition: RestartCondition.OnFailure, MaxAttempts: not null } && container.ExitCode is not (0 or 137 or 143));

    /// <summary>That there is no container of it says nothing: it may have run.</summary>
    public bool MayBeGone => Spec.Restart.Condition == RestartCondition.No && !IsRouted;

    /// <summary>An end with 0 is no failure.</summary>
    /// <remarks>What has a health check is to run on: when the engine was stopped, it ended well and the engine leaves it so.</remarks>
    public bool MayEnd => !IsRouted && (Spec.Restart.Condition == RestartCondition.No || (Spec.Restart.Condition == RestartCondition.OnFailure && Spec.Healthcheck is null && Spec.Health?.Command is null));
}
