using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Files;

namespace Wherry.Edge.Switching;

/// <summary>A service as the state file keeps it.</summary>
internal sealed record SavedService(string Key, EdgeService Service, ServiceMode Mode, string? Message, TimeSpan MaxWait, IReadOnlyList<string>? Allow = null, DateTimeOffset? Until = null)
{
    [JsonIgnore]
    public Admission.State Admission => new(Mode, Message, MaxWait, Allow, Until);
}

/// <summary>What the edge needs to go on after a restart.</summary>
/// <param name="Version">Of the format; a newer one is refused.</param>
internal sealed record SavedState(int Version, IReadOnlyList<SavedService> Services)
{
    public const int CurrentVersion = 1;
}

/// <summary>The state on disk: at any moment either the old or the new one, whole.</summary>
internal sealed class StateFile(string path, TimeProvider time)
{
    private Dictionary<string, Written> _written = [];

    /// <summary>The saved services; none when there is no file.</summary>
    /// <exception cref="ProblemException"><c>edge/state-unreadable</c>; the file is left as it is.</exception>
    public IReadOnlyList<SavedService> Load()
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            using var file = File.OpenRead(path);
            var state = JsonSerializer.Deserialize(file, StateJson.Default.SavedState);
            if (state is not { Version: SavedState.CurrentVersion, Services: not null })
            {
                throw Unreadable($"it has version {state?.Version}, this edge reads {SavedState.CurrentVersion}");
            }

            foreach (var saved in state.Services)
            {
                EdgeServiceRules.Check(saved.Key, saved.Service, kept: true);
                if (RouteRulesCheck.Networks("allow", saved.Allow).FirstOrDefault() is { } wrong)
                {
                    throw Unreadable(wrong);
                }
            }

            return state.Services;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException || e is ProblemException { Problem.Code: not "edge/state-unreadable" })
        {
            throw Unreadable(e.Message);
        }
    }

    /// <summary>Puts an unreadable file out of the way, without losing it.</summary>
    /// <returns>Where it is now.</returns>
    public string MoveAside()
    {
        var aside = string.Create(CultureInfo.InvariantCulture, $"{path}.unreadable-{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}");
        File.Move(path, aside);
        return aside;
    }

    /// <summary>Writes a temporary file to the disk and renames it over the old one. When it returns, a power cut keeps the new state. One at a time.</summary>
    /// <exception cref="ProblemException"><c>edge/state-not-saved</c>; the old file is untouched.</exception>
    public void Save(IReadOnlyList<SavedService> services)
    {
        // A change is of one service: with thousands of them the others' JSON would cost requests their processor time.
        var written = services.ToDictionary(s => s.Key, s => _written.GetValueOrDefault(s.Key) is { } known && known.Service == s ? known : new Written(s), StringComparer.Ordinal);
        PrivateFile.Write(path, file => Write(file, services.Select(s => written[s.Key].Json)), NotSaved);
        _written = written;
    }

    internal static Problem NotSaved(string path, string why) =>
        new("edge/state-not-saved", $"The edge cannot write {path}: {why}", "Check that the disk has room and that the edge may write there; nothing has changed.");

    /// <summary>A <see cref="SavedState"/>, a service a line.</summary>
    private static void Write(Stream file, IEnumerable<byte[]> services)
    {
        file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"version\":{SavedState.CurrentVersion},\"services\":[")));
        var separator = "\n"u8;
        foreach (var service in services)
        {
            file.Write(separator);
            file.Write(service);
            separator = ",\n"u8;
        }

        file.Write("\n]}\n"u8);
    }

    private ProblemException Unreadable(string why) => new Problem(
        "edge/state-unreadable",
        $"{path} cannot be read: {why}",
        "Mend or restore it. Or move it away: the edge then starts with no services, and each has to be deployed again.").AsException();

    private sealed record Written(SavedService Service)
    {
        public byte[] Json { get; } = JsonSerializer.SerializeToUtf8Bytes(Service, StateJson.Default.SavedService);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SavedState))]
internal sealed partial class StateJson : JsonSerializerContext;
