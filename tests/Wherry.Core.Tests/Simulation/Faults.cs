using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Core.Tests.Simulation;

/// <summary>What goes wrong while a deployment runs.</summary>
/// <param name="At">Which of the steps that do something; counted over the whole deployment, waits and looks left out.</param>
/// <param name="Times">How often in a row it fails.</param>
internal sealed record Faults(int At, int Times, Fault Kind)
{
    private int _acts;

    public static Faults None { get; } = new(-1, 0, Fault.Refused);

    public static Faults From(Random random) => (Fault)random.Next(4) switch
    {
        Fault.Refused => new(random.Next(30), 1, Fault.Refused),
        Fault.AnswerLost => new(random.Next(30), 1, Fault.AnswerLost),
        Fault.EngineAway => new(random.Next(30), random.Next(1, 50), Fault.EngineAway),
        _ => new(random.Next(30), random.Next(1, 50), Fault.AnswersCut),
    };

    /// <summary>Replicas that are to be replaced die at any moment, or are gone altogether.</summary>
    public static Faults OldOnesDie(Random random) => new(random.Next(12), random.Next(1, 6), Fault.OldDies);

    public void Strike(World world, Func<ServiceName, World.Container, bool> isOld)
    {
        if (Kind != Fault.OldDies || _acts < At || _acts >= At + Times || world.Containers.FirstOrDefault(c => c.Value.State == ReplicaState.Running && isOld(c.Key.Service, c.Value)) is not { Value: { } victim, Key: var key })
        {
            return;
        }

        victim.State = ReplicaState.Failed;
        victim.Healthy = false;
        if (Times % 2 == 0)
        {
            world.Containers.Remove(key);
        }
    }

    /// <summary>Does the step, or fails it as planned.</summary>
    public void Run(Step step, Action act)
    {
        var now = _acts++;
        if (Kind == Fault.OldDies || now < At || now >= At + Times)
        {
            act();
            return;
        }

        if (Kind is Fault.AnswerLost or Fault.AnswersCut)
        {
            act();
        }

        throw (Kind switch
        {
            Fault.Refused or Fault.AnswerLost => A.Problem,
            _ => step is Step.SwitchTraffic or Step.HoldTraffic or Step.ReleaseTraffic or Step.RemoveRoutes ? A.EdgeOutage : A.EngineOutage,
        }).AsException();
    }
}

internal enum Fault
{
    /// <summary>Once, with a problem, and nothing is done.</summary>
    Refused,

    /// <summary>Once, with a problem, although it is done.</summary>
    AnswerLost,

    /// <summary>Engine and edge cannot be reached for a while.</summary>
    EngineAway,

    /// <summary>Old replicas die while they are replaced.</summary>
    OldDies,

    /// <summary>They cannot be reached for a while, and do what they are told all the same.</summary>
    AnswersCut,
}
