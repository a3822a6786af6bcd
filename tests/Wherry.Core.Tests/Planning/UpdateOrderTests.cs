using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Core.Tests.Planning;

public sealed class UpdateOrderTests
{
    public static TheoryData<string, ServiceSpec, DeployStrategy> Rows => new()
    {
        { "a plain service overlaps", A.Worker("s"), DeployStrategy.Rolling },
        { "what was asked for: rolling in spite of a volume", A.Worker("s") with { Mounts = [A.Volume("data")], Deploy = new() { Strategy = DeployStrategy.Rolling } }, DeployStrategy.Rolling },
        { "what was asked for: recreate", A.Worker("s") with { Deploy = new() { Strategy = DeployStrategy.Recreate } }, DeployStrategy.Recreate },
        { "what was asked for: blue-green in spite of a host port", A.Worker("s") with { Ports = [Port(5432)], Deploy = new() { Strategy = DeployStrategy.BlueGreen } }, DeployStrategy.BlueGreen },
        { "two cannot bind one host port", A.Worker("s") with { Ports = [Port(5432)] }, DeployStrategy.Recreate },
        { "two cannot have one hardware address", A.Worker("s") with { Naming = new(MacAddress: "02:42:ac:11:00:05") }, DeployStrategy.Recreate },
        { "two cannot have one address in a network", A.Worker("s") with { Networks = new Dictionary<string, NetworkAttachment> { ["default"] = new([], "10.1.0.9") } }, DeployStrategy.Recreate },
        { "two would bind the same ports of the server", A.Worker("s") with { Sharing = new() { Network = new(NamespaceMode.Host) } }, DeployStrategy.Recreate },
        { "two would write the same volumes", A.Worker("s") with { Sharing = new() { VolumesFrom = [new(A.Name("db"), null, false)] } }, DeployStrategy.Recreate },
        { "reading another's volumes is no conflict", A.Worker("s") with { Sharing = new() { VolumesFrom = [new(A.Name("db"), null, true)] } }, DeployStrategy.Rolling },
        { "a port that the engine chooses is no conflict", A.Worker("s") with { Ports = [Port(null)] }, DeployStrategy.Rolling },
        { "one replica owns its volume", A.Worker("s") with { Mounts = [A.Volume("data")] }, DeployStrategy.Recreate },
        { "several replicas share their volume already", A.Worker("s", replicas: 2) with { Mounts = [A.Volume("data")] }, DeployStrategy.Rolling },
        { "a bind, a tmpfs, an anonymous and a read-only volume are nobody's own", A.Worker("s") with { Mounts = [Mount(MountKind.Bind, "/srv"), Mount(MountKind.Tmpfs, null), Mount(MountKind.Volume, null), A.Volume("data") with { ReadOnly = true }] }, DeployStrategy.Rolling },
    };

    [Theory, MemberData(nameof(Rows))]
    public void UC_01_Update_order(string because, ServiceSpec spec, DeployStrategy expected) => Assert.True(UpdateOrder.Of(spec) == expected, because);

    private static PublishedPort Port(int? host) => new(null, host, 5432, "tcp");

    private static Mount Mount(MountKind kind, string? source) => new(kind, source, $"/{kind}", false);
}
