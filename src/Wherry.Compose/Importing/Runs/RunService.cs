using System.Globalization;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.Runs;

/// <summary>The service that a line's flags make, key by key.</summary>
/// <param name="write">A value as it stands in the file: with its <c>$</c> doubled, when no shell would have replaced them.</param>
/// <param name="read">Content of a file that a flag names; <see langword="null"/> when there is none.</param>
internal sealed class RunService(Func<string, string> write, Func<string, string?> read)
{
    private static readonly string[] ModesOfNetwork = ["host", "none"];

    private readonly OrderedDictionary<string, YamlNode> _keys = new(StringComparer.Ordinal);
    private readonly List<string> _aliases = [];
    private readonly List<(string Name, YamlMap Settings)> _networks = [];
    private (string? V4, string? V6) _address;

    public string? Name { get; private set; }

    public HashSet<string> Volumes { get; } = [];

    public Dictionary<string, string> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Values that do not belong into the file: passwords.</summary>
    public Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    public List<LostPoint> Lost { get; } = [];

    public void Take(string name, string value)
    {
        var flag = RunFlag.Find(name)!;
        switch (flag.Kind)
        {
            case RunFlagKind.Claim when flag.Key.Length > 0:
                _keys[flag.Key] = TreeEdit.Plain(value);
                break;
            case RunFlagKind.Text:
                _keys[flag.Key] = Text(value);
                break;
            case RunFlagKind.Number:
                _keys[flag.Key] = long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? TreeEdit.Plain(value) : throw RunLine.Wrong($"--{name} {Problem.Quoted(value)} is no number.", "Write a whole number.");
                break;
            case RunFlagKind.Item:
                AddItem(flag.Key, Text(value));
                break;
            case RunFlagKind.Pair:
                var (key, text) = Pair(value);
                SetBelow(flag.Key, key, Text(text ?? ""));
                break;
            case RunFlagKind.File:
                TakeFile(name, flag.Key, value);
                break;
            case RunFlagKind.Claim or RunFlagKind.Own:
                TakeOwn(name, value);
                break;
        }
    }

    /// <summary>The service, and the networks that it names.</summary>
    public (YamlMap Service, IReadOnlyList<string> Networks) Finish(string image, IReadOnlyList<string> command)
    {
        var networks = _networks.Select((n, i) => (n.Name, (YamlNode?)(i == 0 ? WithAddress(n.Settings) : n.Settings))).ToList();
        var service = TreeEdit.Map(
        [
            ("image", Text(image)),
            ("command", command.Count > 0 ? TreeEdit.List(command.Select(Text)) : null),
            .. _keys.Select(k => (k.Key, (YamlNode?)k.Value)),
            ("networks", networks.Count > 0 ? TreeEdit.Map(networks) : _aliases.Count > 0 ? TreeEdit.Map(("default", WithAddress(TreeEdit.Map()))) : null),
        ]);
        return (service, [.. _networks.Select(n => n.Name)]);
    }

    private void TakeOwn(string name, string value)
    {
        switch (name)
        {
            case "name":
                Name = value;
                break;
            case "env":
                TakeVariable(value);
                break;
            case "entrypoint":
                _keys["entrypoint"] = TreeEdit.List(Text(value));
                break;
            case "volume":
                AddItem("volumes", RunMounts.Short(value, write, Volumes));
                break;
            case "mount":
                AddItem("volumes", RunMounts.Long(value, write, Volumes));
                break;
            case "network" or "net":
                TakeNetwork(value);
                break;
            case "network-alias" or "net-alias":
                _aliases.Add(value);
                break;
            case "ip":
                _address.V4 = value;
                break;
            case "ip6":
                _address.V6 = value;
                break;
            case "publish-all":
                Lost.Add(new("--publish-all", "no port is published: name the ports under ports:, or a route under x-wherry"));
                break;
            default:
                TakeNested(name, value);
                break;
        }
    }

    private void TakeNested(string name, string value)
    {
        switch (name)
        {
            case "no-healthcheck":
                SetBelow("healthcheck", "disable", TreeEdit.Plain("true"));
                break;
            case "health-cmd":
                SetBelow("healthcheck", "test", TreeEdit.List(TreeEdit.Text("CMD-SHELL"), Text(value)));
                break;
            case "health-retries":
                SetBelow("healthcheck", "retries", TreeEdit.Plain(value));
                break;
            case "health-interval" or "health-timeout" or "health-start-period" or "health-start-interval":
                SetBelow("healthcheck", name["health-".Length..].Replace('-', '_'), Text(value));
                break;
            case "log-driver":
                SetBelow("logging", "driver", Text(value));
                break;
            case "log-opt":
                var (option, text) = Pair(value);
                var logging = _keys.GetValueOrDefault("logging") as YamlMap ?? TreeEdit.Map();
                _keys["logging"] = logging.With("options", (logging.MapOf("options") ?? TreeEdit.Map()).With(option, Text(text ?? "")));
                break;
            case "stop-timeout":
                _keys["stop_grace_period"] = TreeEdit.Text($"{value}s");
                break;
            case "blkio-weight":
                SetBelow("blkio_config", "weight", TreeEdit.Plain(value));
                break;
            case "gpus":
                _keys["gpus"] = value == "all" ? TreeEdit.Text("all") : throw RunLine.Unknown($"--gpus {value}");
                break;
            case "ulimit":
                TakeLimit(value);
                break;
            default:
                throw new InvalidOperationException($"--{name} is in the table and nowhere else");
        }
    }

    /// <summary>A password is a variable of the project, not a text in its file.</summary>
    private void TakeVariable(string value)
    {
        var (name, text) = Pair(value);
        if (text is { Length: > 0 } && InputList.LooksSecret(name) && !text.Contains('$', StringComparison.Ordinal))
        {
            Values[name] = text;
            text = null;
            SetBelow("environment", name, TreeEdit.Text($"${{{name}:?}}"));
            return;
        }

        SetBelow("environment", name, text is null ? TreeEdit.Nothing() : Text(text));
    }

    private void TakeFile(string name, string key, string path)
    {
        var content = read(path) ?? throw new Problem("import/file-missing", $"--{name} names {Problem.Quoted(path)}, which cannot be read.", "Run the command where the file is, or leave the flag out.").AsException();
        var file = Path.GetFileName(path) is var own && key == "env_file" ? (own is ".env" ? "run.env" : own.EndsWith(".env", StringComparison.Ordinal) ? own : $"{own}.env") : own; // .env is the project's own; all that end so are for their owner only
        Files[file] = content;
        AddItem(key, key == "env_file" ? TreeEdit.Map(("path", TreeEdit.Text(file)), ("format", TreeEdit.Text("raw"))) : TreeEdit.Text(file));
    }

    private void TakeNetwork(string value)
    {
        var parts = value.Split(',').Select(p => Pair(p)).ToList();
        var name = parts is [(var only, null)] ? only : parts.FirstOrDefault(p => p.Name == "name").Value ?? value;
        if (ModesOfNetwork.Contains(name) || name.StartsWith("container:", StringComparison.Ordinal))
        {
            _keys["network_mode"] = TreeEdit.Text(name);
        }
        else if (name is not ("bridge" or "default"))
        {
            _networks.Add((name, TreeEdit.Map(
                ("aliases", parts.Where(p => p.Name == "alias").Select(p => Text(p.Value ?? "")).ToList() is { Count: > 0 } aliases ? TreeEdit.List(aliases) : null),
                ("ipv4_address", parts.FirstOrDefault(p => p.Name == "ip").Value is { } ip ? TreeEdit.Text(ip) : null))));
        }
    }

    /// <summary><c>nofile=1024:2048</c>.</summary>
    private void TakeLimit(string value)
    {
        var (name, text) = Pair(value);
        var bounds = (text ?? "").Split(':');
        SetBelow("ulimits", name, bounds is [var soft, var hard] ? TreeEdit.Map(("soft", TreeEdit.Plain(soft)), ("hard", TreeEdit.Plain(hard))) : TreeEdit.Plain(bounds[0]));
    }

    private YamlMap WithAddress(YamlMap settings)
    {
        settings = _aliases.Count > 0 ? settings.With("aliases", TreeEdit.List(_aliases.Select(Text))) : settings;
        settings = _address.V4 is { } v4 ? settings.With("ipv4_address", TreeEdit.Text(v4)) : settings;
        return _address.V6 is { } v6 ? settings.With("ipv6_address", TreeEdit.Text(v6)) : settings;
    }

    private void AddItem(string key, YamlNode item) => _keys[key] = TreeEdit.List([.. (_keys.GetValueOrDefault(key) as YamlList)?.Items ?? [], item]);

    private void SetBelow(string key, string name, YamlNode value) => _keys[key] = (_keys.GetValueOrDefault(key) as YamlMap ?? TreeEdit.Map()).With(name, value);

    private YamlScalar Text(string text) => TreeEdit.Text(write(text));

    private static (string Name, string? Value) Pair(string text) => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);
}
