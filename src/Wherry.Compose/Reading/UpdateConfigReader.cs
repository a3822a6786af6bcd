using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary>Compose's <c>deploy.update_config</c>: the same as keys of <c>x-wherry.deploy</c>, which go before it.</summary>
internal static class UpdateConfigReader
{
    private const string Back = "going back starts what is missing and moves traffic at once, whatever the update did";

    /// <param name="update">How replicas are replaced.</param>
    /// <param name="rollback">How they are put back; Wherry does that in one way.</param>
    public static DeploySpec Read(Field? update, Field? rollback)
    {
        Ignore(rollback?.Map());
        var standard = new DeploySpec();
        if (update?.Map() is not { } f)
        {
            return standard;
        }

        var parallelism = f["parallelism"]?.Int(0, 100);
        var deploy = new DeploySpec
        {
            // Without an order Wherry decides as it does without update_config: Compose's default would stop first.
            Strategy = f["order"]?.OneOf("start-first", "stop-first") switch
            {
                "stop-first" => DeployStrategy.Recreate,
                "start-first" => parallelism == 0 ? DeployStrategy.BlueGreen : DeployStrategy.Rolling,
                _ => parallelism == 0 ? DeployStrategy.BlueGreen : null,
            },
            Surge = parallelism is > 0 and var surge ? (int)surge : standard.Surge,
            Monitor = DeployReader.ReadTime(f["monitor"], TimeSpan.Zero, TimeSpan.FromHours(1)) ?? standard.Monitor,
            FailureAction = DeployReader.ReadAction(f["failure_action"]) ?? standard.FailureAction,
        };
        f.Ignore("the next replicas start when the ones before are healthy; monitor makes them prove it for longer", "delay");
        f.Ignore("one replica that stays unwell is a failure; failure_action says what follows", "max_failure_ratio");
        f.Close();
        return deploy;
    }

    private static void Ignore(Fields? f)
    {
        f?.Ignore(Back, "parallelism", "delay", "failure_action", "monitor", "max_failure_ratio", "order");
        f?.Close();
    }
}
