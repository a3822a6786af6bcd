namespace Wherry.Edge.Tests.Rig;

/// <summary>Tests that put so much load on the machine, or count failures under it, that no other may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
