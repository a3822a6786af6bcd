using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>x-wherry.deploy</c>.</summary>
internal static class DeployReader
{
    private static readonly TimeSpan LongestDrain = TimeSpan.FromHours(1);

    public static DeploySpec Read(Field? field, ServiceSpec spec)
    {
        var standard = new DeploySpec();
        if (field?.Map() is not { } f)
        {
            return standard;
        }

        DeployStrategy? strategy = f["strategy"]?.OneOf("rolling", "blue-green", "recreate") switch
        {
            "rolling" => DeployStrategy.Rolling,
            "blue-green" => DeployStrategy.BlueGreen,
            "recreate" => DeployStrategy.Recreate,
            _ => null,
        };
        var deploy = new DeploySpec
        {
            Strategy = strategy,
            Surge = (int)(f["surge"]?.Int(1, 100) ?? standard.Surge),
            Drain = f["drain"] is { } drain ? ReadDrain(drain) ?? standard.Drain : standard.Drain,
            Keep = (int)(f["keep"]?.Int(0, 100) ?? standard.Keep),
            Heal = f["heal"]?.Bool(),
        };
        Check(f, deploy, spec);
        f.Close();
        return deploy;
    }

    private static void Check(Fields f, DeploySpec deploy, ServiceSpec spec)
    {
        if (deploy.Strategy is DeployStrategy.BlueGreen or DeployStrategy.Recreate && f["surge"] is { } surge)
        {
            surge.Wrong("surge is for the strategy rolling", "Remove it, or set strategy: rolling.");
        }

        if (deploy.Strategy is DeployStrategy.BlueGreen or DeployStrategy.Rolling && spec.Ports.FirstOrDefault(p => p.HostPort is not null) is { } port)
        {
            f["strategy"]!.Wrong(
                $"a new replica cannot start beside the old one while host port {port.HostPort} is bound",
                "Use strategy: recreate, or give the service a route instead of ports.");
        }
    }

    private static TimeSpan? ReadDrain(Field field)
    {
        var time = field.Duration();
        if (time is null || time <= LongestDrain)
        {
            return time;
        }

        field.Wrong($"{field.Shown} is longer than 1h", "Use a duration from 0 to 1h.");
        return null;
    }
}
