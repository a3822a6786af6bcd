using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Deployments;

/// <summary><c>wherry rollback</c>: makes an older release current again, without building.</summary>
internal static class RollbackCommand
{
    public static Command Build(Verbs verbs)
    {
        var release = new Argument<int?>("release") { Description = "Number of the release, 41 or r41 (default: the last stable one before the current)", Arity = ArgumentArity.ZeroOrOne, CustomParser = Read };
        return verbs.On(new Verb("rollback", "Makes an older release current again, without building", "wherry rollback", "wherry rollback 41") { release }, async (call, ct) =>
        {
            var project = await call.ProjectAsync(ct);
            var deployment = await call.Client.RollbackAsync(project, call.Environment, new RollbackRequest(call.Get(release)), ct);
            return await DeploymentWatch.FollowAsync(call, deployment, ct);
        });
    }

    private static int? Read(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text.StartsWith('r') ? text[1..] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        result.AddError($"\"{text}\" is not the number of a release, for instance 41 or r41.");
        return null;
    }
}
