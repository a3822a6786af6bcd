using System.Security.Cryptography;
using Wherry.Cli.Frame;
using Wherry.Cli.Variables;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Up;

/// <summary>One of <c>examples/</c>: made a project, given its variables, pushed with Git, and asked whether it answers.</summary>
internal sealed class ExampleProject(Call call, Setup setup, string name, string source)
{
    private const string Environment = "production";

    /// <exception cref="ProblemException"><c>up/example</c>.</exception>
    public static ExampleProject Find(Call call, Setup setup, string name)
    {
        var examples = Path.Combine(call.World.Variable("WHERRY_ROOT") ?? call.World.Folder, "examples");
        var source = Path.Combine(examples, name);
        if (name.Contains('/', StringComparison.Ordinal) || !Directory.Exists(source))
        {
            var known = Directory.Exists(examples) ? string.Join(", ", Directory.GetDirectories(examples).Select(Path.GetFileName).Order(StringComparer.Ordinal)) : "none here";
            throw new Problem("up/example", $"There is no example \"{name}\" in {examples}.", $"Known: {known}. Run ./wherry up in the checkout, or give --example none.").AsException();
        }

        return new(call, setup, name, source);
    }

    public async Task<Exit> BringUpAsync(CancellationToken ct)
    {
        await CreateAsync(ct);
        await SetVariablesAsync(ct);
        await new ExamplePush(call, setup, name, source).PushAsync(ct);
        var environment = (await call.Client.EnvironmentsAsync(name, ct)).Single(e => e.Name == Environment);
        if (environment.CurrentRelease is null)
        {
            // The last push was stored but its deployment failed: the same commit again pushes nothing.
            var deployment = await call.Client.DeployAsync(name, Environment, new DeployRequest { GitRef = "main" }, ct);
            var ended = await Deployments.DeploymentWatch.EndAsync(call, deployment, ct);
            if (Deployments.DeploymentWatch.Judge(call, ended) is not Exit.Ok and var failed)
            {
                return failed;
            }
        }

        var address = await new ExampleAnswer(call, setup).CheckAsync(name, Environment, ct);
        setup.Checklist.Done($"{address} answers");
        call.Result(address);
        return Exit.Ok;
    }

    private async Task CreateAsync(CancellationToken ct)
    {
        try
        {
            await call.Client.CreateProjectAsync(new CreateProject(name), ct);
            setup.Checklist.Done($"project {name} created");
        }
        catch (ApiException e) when (e.Problem.Code == "project/exists")
        {
            setup.Checklist.Done($"project {name} exists");
        }
    }

    /// <summary>Values of <c>.env.example</c> that are not set yet: empty ones get a random secret, once; what is set is never overwritten.</summary>
    private async Task SetVariablesAsync(CancellationToken ct)
    {
        var file = Path.Combine(source, ".env.example");
        if (!File.Exists(file))
        {
            return;
        }

        var known = (await call.Client.VariablesAsync(name, Environment, ct)).Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        var wanted = EnvCommand.Parse(await File.ReadAllTextAsync(file, ct), ".env.example").Where(v => !known.Contains(v.Key)).ToList();
        var plain = wanted.Where(v => v.Value.Length > 0).ToDictionary(v => v.Key, v => v.Value);
        var secrets = wanted.Where(v => v.Value.Length == 0).ToDictionary(v => v.Key, _ => RandomNumberGenerator.GetHexString(48, lowercase: true));
        if (plain.Count > 0)
        {
            await call.Client.ChangeVariablesAsync(name, Environment, new ChangeVariables(plain, [], Deploy: false), ct);
        }

        if (secrets.Count > 0)
        {
            await call.Client.ChangeVariablesAsync(name, Environment, new ChangeVariables(secrets, [], Secret: true, Deploy: false), ct);
        }

        setup.Checklist.Done(wanted.Count == 0 ? "its variables are set" : $"variables set: {string.Join(", ", plain.Keys)}{(plain.Count > 0 && secrets.Count > 0 ? "; " : "")}{(secrets.Count > 0 ? $"secrets made up: {string.Join(", ", secrets.Keys)}" : "")}");
    }
}
