using System.Text;
using Wherry.Compose.Writing;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>Volumes of a pod, where its container mounts them, and the ConfigMap of its files.</summary>
internal sealed class PodStorage
{
    private const int MostBytes = 1 << 20;
    private const string Filed = "files";
    private const string Kept = "secret-files";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ExportedService _service;
    private readonly YamlSequence _volumes = [];
    private readonly YamlSequence _mounts = [];
    private readonly YamlMapping _texts = [];
    private readonly YamlMapping _bytes = [];
    private readonly HashSet<string> _keys = [];

    public PodStorage(ExportedService service)
    {
        _service = service;
        foreach (var (index, mount) in service.Spec.Mounts.Index())
        {
            AddMount(mount, index + 1);
        }

        if (service.Spec.ShmSize is { } size)
        {
            Add("shm", new() { ["emptyDir"] = Memory(size) }, "/dev/shm", readOnly: false);
        }

        AddFiles();
    }

    public YamlSequence? Volumes => _volumes.OrNothing();

    public YamlSequence? Mounts => _mounts.OrNothing();

    public YamlMapping? ConfigMap => _texts.IsEmpty && _bytes.IsEmpty ? null : new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = _service.Metadata($"{_service.Name}-files"),
        ["data"] = _texts.OrNothing(),
        ["binaryData"] = _bytes.OrNothing(),
    };

    private void AddMount(Mount mount, int number)
    {
        var name = $"{mount.Kind.ToString().ToLowerInvariant()}-{TextForm.Of(number)}";
        switch (mount)
        {
            case { Kind: MountKind.Tmpfs }:
                Add(name, new() { ["emptyDir"] = Memory(mount.Size) }, mount.Target, mount.ReadOnly);
                break;
            case { Kind: MountKind.Bind, Source: { } path }:
                _service.Losses.Add(_service.Spec, $"mounts {path} of its host: it must be on every node that the pod may run on");
                Add(name, new() { ["hostPath"] = new YamlMapping { ["path"] = path } }, mount.Target, mount.ReadOnly);
                break;
            case { Source: { } volume }:
                Add(KubernetesNames.Label(volume), new() { ["persistentVolumeClaim"] = new YamlMapping { ["claimName"] = _service.Context.Names.Claim(volume) } }, mount.Target, mount.ReadOnly);
                break;
            default:
                _service.Losses.Add(_service.Spec, $"the anonymous volume at {mount.Target} is empty in each new pod");
                Add(name, new() { ["emptyDir"] = new YamlMapping() }, mount.Target, mount.ReadOnly);
                break;
        }
    }

    private void AddFiles()
    {
        var items = new Dictionary<string, YamlSequence>();
        foreach (var file in _service.Spec.Files)
        {
            var (volume, key) = Place(file);
            items.TryAdd(volume, []);
            items[volume].Add(new YamlMapping { ["key"] = key, ["path"] = key, ["mode"] = file.Mode });
            _mounts.Add(new YamlMapping { ["name"] = volume, ["mountPath"] = file.Target, ["subPath"] = key, ["readOnly"] = true });
            if (file.Uid != 0 || file.Gid != 0)
            {
                _service.Losses.Add(_service.Spec, $"{file.Target} belongs to root, not to {TextForm.Of(file.Uid)}:{TextForm.Of(file.Gid)}");
            }
        }

        if (items.GetValueOrDefault(Filed) is { } filed)
        {
            _volumes.Add(new YamlMapping { ["name"] = Filed, ["configMap"] = new YamlMapping { ["name"] = $"{_service.Name}-files", ["items"] = filed } });
        }

        if (items.GetValueOrDefault(Kept) is { } kept)
        {
            _volumes.Add(new YamlMapping { ["name"] = Kept, ["secret"] = new YamlMapping { ["secretName"] = _service.Context.Names.Secret, ["items"] = kept } });
        }

        if (_service.Spec.Files.Where(f => !f.Secret).Sum(f => (long)f.Content.Length) > MostBytes)
        {
            _service.Losses.Add(_service.Spec, "its files are larger than the 1 MB that a ConfigMap may have: put them into the image");
        }
    }

    /// <summary>A file that is a secret, or has one in it, is a key of the project's Secret; others are of the service's ConfigMap.</summary>
    private (string Volume, string Key) Place(FileMount file)
    {
        var text = Text(file.Content);
        if (text is not null && SecretMark.Alone(text) is { } variable)
        {
            return (Kept, _service.Context.Secret(variable, $"the file {file.Target} of {_service.Spec.Name}"));
        }

        if (text is not null && SecretMark.In(text) is { Count: > 0 } inside)
        {
            var name = $"{_service.Name}.{KubernetesNames.Key(file.Target)}";
            _service.Context.Composed[name] = text;
            foreach (var needed in inside)
            {
                _service.Context.Secret(needed, $"a part of {file.Target} of {_service.Spec.Name}");
            }

            return (Kept, name);
        }

        var wished = KubernetesNames.Key(file.Target);
        var key = wished;
        for (var i = 2; !_keys.Add(key); i++)
        {
            key = $"{wished}-{TextForm.Of(i)}";
        }

        if (text is not null)
        {
            _texts[key] = text;
        }
        else
        {
            _bytes[key] = Convert.ToBase64String(file.Content);
        }

        return (Filed, key);
    }

    private void Add(string name, YamlMapping source, string target, bool readOnly)
    {
        if (!_volumes.OfType<YamlMapping>().Any(v => v["name"] is YamlLeaf leaf && leaf.Text == name))
        {
            var volume = new YamlMapping { ["name"] = name };
            foreach (var (key, value) in source)
            {
                volume[key] = value;
            }

            _volumes.Add(volume);
        }

        _mounts.Add(new YamlMapping { ["name"] = name, ["mountPath"] = target, ["readOnly"] = readOnly ? true : null });
    }

    private static YamlMapping Memory(ByteSize? size) => new() { ["medium"] = "Memory", ["sizeLimit"] = PodWriter.Quantity(size) };

    private static string? Text(byte[] content)
    {
        try
        {
            var text = Strict.GetString(content);
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
