using System.CommandLine;
using System.Globalization;
using Wherry.Cli.Deployments;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Services;

/// <summary><c>wherry scale</c>: changes the number of replicas.</summary>
internal static class ScaleCommand
{
    public static Command Build(Verbs verbs)
    {
        var counts = new Argument<string[]>("service=count") { Description = "New number of replicas per service", Arity = ArgumentArity.OneOrMore };
        counts.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => Read(t.Value) is null))
            {
                result.AddError($"\"{token.Value}\" is not SERVICE=COUNT, for instance web=3.");
            }
        });
        return verbs.On(new Verb("scale", "Changes the number of replicas of services", "wherry scale web=3", "wherry scale web=3 worker=2") { counts }, async (call, ct) =>
        {
            var replicas = call.Get(counts)!.Select(text => Read(text)!.Value).ToDictionary(c => c.Service, c => c.Count);
            var deployment = await call.Client.ScaleAsync(await call.ProjectAsync(ct), call.Environment, new ScaleRequest(replicas), ct);
            return await DeploymentWatch.FollowAsync(call, deployment, ct);
        });
    }

    internal static (string Service, int Count)? Read(string text)
    {
        var equals = text.LastIndexOf('=');
        return equals > 0 && int.TryParse(text.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? (text[..equals], count) : null;
    }
}
