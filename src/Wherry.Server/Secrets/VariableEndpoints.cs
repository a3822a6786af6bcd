using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Environments;

namespace Wherry.Server.Secrets;

/// <summary>Variables and secrets. A secret's value goes in and never comes out.</summary>
internal static class VariableEndpoints
{
    private const int MaxValueBytes = 128 * 1024;

    public static void AddVariables(this IServiceCollection services) => services
        .AddSingleton<VariableUsers>()
        .AddSingleton<VariableChange>();

    public static void MapVariables(this IEndpointRouteBuilder app)
    {
        const string At = "/api/v1/projects/{project}/environments/{environment}/variables";
        app.MapGet(At, ListAsync).Needs(TokenScope.Read);
        app.MapPost(At, ChangeAsync).Needs(TokenScope.Deploy);
    }

    private static async Task<IReadOnlyList<Variable>> ListAsync(string project, string environment, Caller caller, EnvironmentStore environments, VariableStore store, VariableUsers use, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        var users = await use.OfAsync(at, ct);
        return [.. (await store.ReadAsync(at, ct)).All.Select(v => new Variable(
            v.Name, v.Service.Length == 0 ? null : v.Service, v.Secret ? null : v.Value, v.Secret, v.ChangedAt, v.Service.Length == 0 ? users.GetValueOrDefault(v.Name, []) : [v.Service]))];
    }

    private static async Task<VariablesChanged> ChangeAsync(string project, string environment, ChangeVariables body, Caller caller, EnvironmentStore environments, VariableChange change, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        var set = body.Set.ToDictionary(s => VariableName.Parse(s.Key), s => Checked(s.Key, s.Value));
        var service = body.Service is { } name ? ServiceName.Parse(name).Value : "";
        return await change.ApplyAsync(at, service, set, [.. body.Remove.Select(VariableName.Parse)], body, caller, ct);
    }

    private static string Checked(string name, string? value) => value switch
    {
        null => throw new Problem("variable/value", $"{name} is given no value.", "Give it one, or name it under remove.").AsException(),
        _ when value.Contains('\0', StringComparison.Ordinal) => throw new Problem("variable/value", $"The value of {name} has a NUL character in it.", "A process cannot be given that; encode it, for instance as base64.").AsException(),
        { Length: > MaxValueBytes } => throw new Problem("variable/value", $"The value of {name} is larger than 128 kB.", "Put large content into a file: Compose's configs or secrets.").AsException(),
        _ => value,
    };
}
