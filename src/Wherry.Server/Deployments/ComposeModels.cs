using Wherry.Client;
using Wherry.Compose.Exporting;
using Wherry.Compose.Writing;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Secrets;

namespace Wherry.Server.Deployments;

/// <summary>What an environment runs, as a Compose file that others can use.</summary>
/// <remarks>What the release was read from is read again with a mark in the place of each secret. So no value has to be looked for and taken out: none is there.</remarks>
internal sealed class ComposeModels(ReleaseStore releases, VariableStore variables, EnvironmentStore environments, EngineNames names)
{
    /// <exception cref="ProblemException"><c>release/none</c>; <c>release/secret-as-key</c> when a secret stands where the file needs a number, a name or the like.</exception>
    public async Task<ComposeModel> OfAsync(EnvironmentRef environment, CancellationToken ct)
    {
        var current = await releases.FindCurrentAsync(environment, ct) ?? throw Preparation.NothingDeployed(environment.ToString());
        var input = await releases.InputAsync(environment, current.Number, ct);
        var marked = Marked(await variables.ReadAsync(environment, ct));
        var scale = await environments.ScaleAsync(environment, ct);
        var model = LocalModel.WithoutSecretFiles(Read(input, marked), marked.All.Where(v => v.Secret).Select(v => SecretMark.Alone(v.Value)!).ToHashSet());
        var document = ComposeWriter.Describe(model with
        {
            Name = environment.Project,
            Services = model.Services.ToDictionary(s => s.Key, s => s.Value with
            {
                Image = s.Value.Build is null ? s.Value.Image : ImageReference.Parse($"{names.Repository(environment, s.Key)}:r{current.Number}"),
                Replicas = scale.GetValueOrDefault(s.Key, s.Value.Replicas),
                // Without a Compose file the route was made from what the image exposes.
                Routes = input.ComposeFile is null ? current.Model.Services.GetValueOrDefault(s.Key)?.Routes ?? [] : s.Value.Routes,
            }),
        });
        return new(current.Number, YamlText.Write(document.Tree), document.Files, [.. document.Variables.Select(v => v.Name)]);
    }

    private static ProjectModel Read(ModelInput input, Variables marked)
    {
        try
        {
            return ModelReader.ReadAgain(input, marked).Model;
        }
        catch (ProblemException e)
        {
            throw new Problem("release/secret-as-key", $"The Compose file cannot be read without the values of its secrets: {e.Problem.Message}", "Keep numbers, names and hosts in variables: `wherry secret unset NAME`, then `wherry env set NAME=VALUE`.").AsException(e);
        }
    }

    /// <summary>A secret of one service has its own name where another one has it too.</summary>
    private static Variables Marked(Variables variables)
    {
        var shared = variables.All.Where(v => v is { Service: "" }).Select(v => v.Name).ToHashSet();
        return new([.. variables.All.Select(v => !v.Secret ? v : v with { Value = SecretMark.Of(v.Service.Length > 0 && shared.Contains(v.Name) ? OfService(v) : v.Name) })]);
    }

    private static string OfService(VariableValue variable) =>
        $"{string.Concat(variable.Service.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'))}_{variable.Name}";
}
