using Wherry.Compose.Interpolation;
using Wherry.Compose.Yaml;
using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary>The whole file, parsed and interpolated, to the model: the last stage of reading.</summary>
internal sealed class FileReader
{
    private const int MaxServices = 500;

    private readonly FileContext _context;
    private readonly IReadOnlyList<string> _profiles;
    private readonly SortedDictionary<ServiceName, FoundService> _active = new(Comparer<ServiceName>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value)));
    private readonly HashSet<ServiceName> _inactive = [];

    private FileReader(FileContext context)
    {
        _context = context;
        _profiles = context.Profiles.Count > 0
            ? context.Profiles
            : context.Variables.FindSetting("COMPOSE_PROFILES")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    public static ProjectModel Read(YamlMap root, FileContext context) => new FileReader(context).ReadRoot(new Fields("", root, context.Errors));

    private ProjectModel ReadRoot(Fields f)
    {
        _ = f["version"];
        var name = f["name"]?.Value<ProjectName>();
        var top = TopLevel.Read(f);
        ReadServices(f, top);
        f.Refuse(UnsupportedKeys.TopLevel);
        f.Close();
        return new()
        {
            Name = name,
            Services = top.WithEngineNames(new ModelCheck(_active, _inactive).Run()),
            Volumes = top.Volumes,
            Networks = top.Networks,
        };
    }

    private void ReadServices(Fields f, TopLevel top)
    {
        var entries = f["services"]?.Entries() ?? [];
        if (entries.Count == 0 && f["services"] is null or { IsMap: true })
        {
            f.Wrong("compose/no-service", "describes no service", "Describe at least one service under services.");
        }

        if (entries.Count > MaxServices)
        {
            f["services"]!.Wrong("compose/too-large", $"there are more than {MaxServices} services", "Split the file into several projects.");
            return;
        }

        foreach (var (key, field) in entries)
        {
            var name = field.Try(() => ServiceName.Parse(key));
            if (field.Map() is { } service && name is not null)
            {
                ReadService(name, service, field, top);
            }
        }
    }

    private void ReadService(ServiceName name, Fields service, Field field, TopLevel top)
    {
        if (IsActive(service["profiles"]))
        {
            _active[name] = ServiceReader.Read(name, service, new(name.Value, IsActive: true, top, _context.Source, _context.Variables));
            return;
        }

        // What a service needs to run does not matter while it does not run; whether it is written rightly does.
        _inactive.Add(name);
        var errors = new SpecErrors("");
        var quiet = new Fields(field.Path, (YamlMap)field.Node, errors);
        ServiceReader.Read(name, quiet, new(name.Value, IsActive: false, top, _context.Source, _context.Variables));
        _context.Errors.Take(errors, except: ["compose/unsupported-key", "compose/relative-bind"]);
    }

    private bool IsActive(Field? profiles)
    {
        if (profiles is not { IsList: true })
        {
            return true;
        }

        var items = profiles.Items().Select(i => i.Node).OfType<YamlScalar>().Select(s => s.Text).ToList();
        return items.Count == 0 || _profiles.Contains("*") || items.Exists(_profiles.Contains);
    }
}

/// <summary>What reading a file needs beside the file.</summary>
internal sealed record FileContext(IReadOnlyList<string> Profiles, SourceReader Source, Variables Variables, SpecErrors Errors);
