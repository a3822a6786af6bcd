using Wherry.Compose;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Secrets;

namespace Wherry.Server.Deployments;

/// <summary>A model that was read, with what it was read from.</summary>
internal sealed record PreparedModel(ProjectModel Model, ModelInput Input, IReadOnlyList<string> Warnings, IReadOnlyList<VariableUse> Uses);

/// <summary>Reads the model of a source: its Compose file, or a one-service project around its Dockerfile or an image.</summary>
internal static class ModelReader
{
    /// <summary>The service of a project without a Compose file.</summary>
    public static ServiceName Web { get; } = ServiceName.Parse("web");

    /// <summary>Reads a source for the first time and remembers the files it took.</summary>
    /// <exception cref="ProblemException"><c>source/nothing-to-run</c> when there is neither Compose file nor Dockerfile; <c>env/unset</c>.</exception>
    public static PreparedModel ReadSource(ISourceFiles files, ModelInput asked, Variables variables)
    {
        var recorded = new RecordedFiles(files);
        var compose = asked.ComposeFile is { } named ? ComposeFiles.Named(files, [named, .. asked.Overrides]) : ComposeFiles.Find(files, variables.Shared);
        if (compose.Count == 0 && files.ReadBytes("Dockerfile") is null)
        {
            throw new Problem("source/nothing-to-run", "The source has neither a compose.yaml nor a Dockerfile at its root.", "Add one of them, or name the folder that has it with --path.").AsException();
        }

        var read = Read(asked with { ComposeFile = compose is [var first, ..] ? first : null, Overrides = [.. compose.Skip(1)] }, recorded, variables);
        UnsetVariables.Check(files, read, variables);
        return read with { Input = read.Input with { Files = recorded.Read } };
    }

    /// <summary>Reads what an earlier release was read from, with today's variables.</summary>
    public static PreparedModel ReadAgain(ModelInput input, Variables variables) =>
        Read(input, new InMemoryFiles(input.Files), variables);

    /// <summary>Host of a one-service project that did not ask for one: <c>project.domain</c>, other environments <c>project-environment.domain</c>.</summary>
    public static HostName DefaultHost(EnvironmentRef environment, string domain) =>
        HostName.Parse(environment.Name == EnvironmentName.Production ? $"{environment.Project}.{domain}" : $"{environment.Prefix}.{domain}");

    /// <summary>The model with the route that was asked for on the way in, which a one-service project gets behind its build.</summary>
    public static ProjectModel Foresee(ProjectModel model, ModelInput input) => input is { ComposeFile: null, Host: { } host } && model.Services is { Count: 1 } services && services.Values.All(s => s.Routes.Count == 0)
        ? model with { Services = services.ToDictionary(s => s.Key, s => s.Value with { Routes = [new Route(HostName.Parse(host), PathPrefix.Root, input.Port ?? 80)] }) }
        : model;

    private static PreparedModel Read(ModelInput input, ISourceFiles files, Variables variables)
    {
        if (input.ComposeFile is not { } file)
        {
            var alone = new ServiceSpec
            {
                Name = Web,
                Image = input.Image is { } image ? ImageReference.Parse(image) : null,
                Build = input.Image is null ? new BuildSpec() : null,
                Environment = new SortedDictionary<string, string>(variables.Shared.ToDictionary(), StringComparer.Ordinal),
                Networks = new Dictionary<string, NetworkAttachment> { ["default"] = new([]) },
            };
            return new(Handed(new ProjectModel { Services = new Dictionary<ServiceName, ServiceSpec> { [Web] = alone }, Networks = new Dictionary<string, NetworkSpec> { ["default"] = new() } }, variables), input, [], []);
        }

        var result = ComposeReader.Read(new ComposeInput { Text = files.ReadText(file) ?? "", FileName = file, Overrides = input.Overrides, Files = files, Variables = variables.Shared, Profiles = input.Profiles });
        return new(Handed(result.Model, variables), input, [.. result.Warnings.Select(w => w.Message)], result.Variables);
    }

    /// <summary>A variable that was set for one service wins over the file.</summary>
    private static ProjectModel Handed(ProjectModel model, Variables variables) => model with
    {
        Services = model.Services.ToDictionary(s => s.Key, s =>
        {
            var merged = new SortedDictionary<string, string>(s.Value.Environment.ToDictionary(), StringComparer.Ordinal);
            foreach (var (name, value) in variables.Of(s.Key.Value))
            {
                merged[name] = value;
            }

            return s.Value with { Environment = merged };
        }),
    };

    /// <summary>Passes reads on and remembers what was read.</summary>
    private sealed class RecordedFiles(ISourceFiles inner) : ISourceFiles
    {
        private readonly Dictionary<string, byte[]> _read = [];

        public IReadOnlyDictionary<string, byte[]> Read => _read;

        public string? ReadText(string relativePath) => ReadBytes(relativePath) is null ? null : inner.ReadText(relativePath);

        public byte[]? ReadBytes(string relativePath)
        {
            var content = inner.ReadBytes(relativePath);
            if (content is not null)
            {
                _read[relativePath] = content;
            }

            return content;
        }

        public IReadOnlyList<string> FilesBelow(string relativeFolder, int most) => inner.FilesBelow(relativeFolder, most);
    }
}
