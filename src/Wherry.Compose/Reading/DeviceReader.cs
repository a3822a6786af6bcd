using System.Globalization;
using System.Text.RegularExpressions;
using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>devices</c>, <c>gpus</c> and <c>deploy.resources.reservations.devices</c>.</summary>
internal static partial class DeviceReader
{
    private static readonly Dictionary<string, string> NoOptions = [];

    /// <summary>A name of the Container Device Interface, for instance <c>nvidia.com/gpu=all</c>: the engine looks the device up.</summary>
    public static bool IsNamed(Field item) => !item.IsMap && item.Node is Yaml.YamlScalar scalar && Cdi().IsMatch(scalar.Text);

    /// <summary><c>/dev/a</c>, <c>/dev/a:/dev/b</c>, <c>/dev/a:/dev/b:rwm</c>, or a mapping.</summary>
    public static Device? Read(Field item)
    {
        if (item.IsMap)
        {
            return ReadLong(item);
        }

        if (item.Filled() is not { } text)
        {
            return null;
        }

        return text.Split(':') switch
        {
            [['/', ..] source] => new(source, source, "rwm"),
            [['/', ..] source, ['/', ..] target] => new(source, target, "rwm"),
            [['/', ..] source, var permissions] when Permissions().IsMatch(permissions) => new(source, source, permissions),
            [['/', ..] source, ['/', ..] target, var permissions] when Permissions().IsMatch(permissions) => new(source, target, permissions),
            _ => Wrong(item),
        };
    }

    public static IReadOnlyList<DeviceRequest>? ReadRequests(Fields f)
    {
        var named = Lists.Filled(f["devices"], i => IsNamed(i) ? i.Text() : null);
        List<DeviceRequest> requests =
        [
            .. named is null ? [] : (DeviceRequest[])[new("cdi", 0, named, [], NoOptions)],
            .. ReadGpus(f["gpus"]),
            .. ReadReservations(f),
        ];
        return requests.Count > 0 ? requests : null;
    }

    private static IEnumerable<DeviceRequest> ReadGpus(Field? field) => field switch
    {
        null => [],
        { IsList: true } => field.Items().Select(i => ReadRequest(i, "gpu")).OfType<DeviceRequest>(),
        _ => field.OneOf("all") is null ? [] : [new(null, -1, [], ["gpu"], NoOptions)],
    };

    private static IEnumerable<DeviceRequest> ReadReservations(Fields f) => f["deploy"] is { IsMap: true } deploy
        && deploy.Map()?["resources"] is { IsMap: true } resources
        && resources.Map()?["reservations"] is { IsMap: true } reservations
        && reservations.Map()?["devices"] is { } devices
            ? devices.Items().Select(i => ReadRequest(i, null)).OfType<DeviceRequest>()
            : [];

    /// <param name="capability">What is asked for even when the file does not say so.</param>
    private static DeviceRequest? ReadRequest(Field item, string? capability)
    {
        if (item.Map() is not { } f)
        {
            return null;
        }

        var capabilities = f["capabilities"]?.Texts() ?? [];
        var ids = f["device_ids"]?.Texts() ?? [];
        var count = f["count"] is { } number ? ReadCount(number) : ids.Count > 0 ? 0 : -1;
        var request = new DeviceRequest(
            f["driver"]?.Stated(), count ?? -1, ids, capability is null || capabilities.Contains(capability) ? capabilities : [capability, .. capabilities], f["options"]?.Pairs() ?? []);
        if (f.Has("count") && ids.Count > 0)
        {
            f.Wrong("compose/value", "has count and device_ids", "Keep one of the two keys.");
        }

        if (request.Capabilities.Count == 0)
        {
            f.Wrong("compose/value", "needs capabilities", "Write what the device can do, for instance capabilities: [gpu].");
        }

        f.Close();
        return request;
    }

    private static int? ReadCount(Field field) => field.Node is Yaml.YamlScalar { Text: "all" } ? -1 : (int?)field.Int(-1, 1024);

    private static Device? ReadLong(Field item)
    {
        var f = item.Map()!;
        var source = f["source"]?.Filled();
        var target = f["target"]?.Stated() ?? source;
        var permissions = f["permissions"]?.Stated() ?? "rwm";
        f.Close();
        return source is ['/', ..] && target is ['/', ..] && Permissions().IsMatch(permissions) ? new(source, target, permissions) : Wrong(item);
    }

    private static Device? Wrong(Field item)
    {
        item.Wrong(string.Create(CultureInfo.InvariantCulture, $"{item.Shown} is not a device"), "Write it as /dev/ttyUSB0, /dev/sda:/dev/xvda:r or nvidia.com/gpu=all.");
        return null;
    }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9.-]*/[A-Za-z][A-Za-z0-9_-]*=[A-Za-z0-9][A-Za-z0-9_.:-]*\z")]
    private static partial Regex Cdi();

    [GeneratedRegex(@"\A[rwm]{1,3}\z")]
    private static partial Regex Permissions();
}
