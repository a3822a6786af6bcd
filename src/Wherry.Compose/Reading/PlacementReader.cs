using System.Text.RegularExpressions;

namespace Wherry.Compose.Reading;

/// <summary>Keys of <c>deploy</c> that choose among the nodes of a Swarm. On one server some of them hold by themselves.</summary>
internal static partial class PlacementReader
{
    private const string OneServer = "a service runs on the environment's server";

    public static void Check(Fields deploy, int replicas)
    {
        deploy.Ignore("they are for a Swarm's service; labels of containers stand under labels", "labels");
        deploy.Ignore("a name leads to all replicas of a service", "endpoint_mode");
        if (deploy["placement"]?.Map() is not { } placement)
        {
            return;
        }

        foreach (var item in placement["constraints"]?.Items() ?? [])
        {
            if (item.Filled() is { } text && !Holds().IsMatch(text))
            {
                item.Wrong("compose/unsupported-key", $"the constraint {item.Shown} is not supported: {OneServer}", "Remove it; what holds here is node.role == manager and node.platform.os == linux.");
            }
        }

        if (placement["max_replicas_per_node"] is { } most && most.Int(0) is > 0 and var max && replicas > max)
        {
            most.Wrong($"{replicas} replicas do not fit on one server with at most {max}", "Raise it, or use fewer replicas.");
        }

        placement.Ignore(OneServer, "preferences");
        placement.Close();
    }

    [GeneratedRegex(@"\A\s*node\.(?:role\s*==\s*manager|role\s*!=\s*worker|platform\.os\s*==\s*linux|platform\.os\s*!=\s*windows)\s*\z")]
    private static partial Regex Holds();
}
