using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Problems;

/// <summary><c>wherry explain CODE</c>: what a problem means and how to mend it. Needs no server.</summary>
internal static class ExplainCommand
{
    public static Command Build(Verbs verbs)
    {
        var code = new Argument<string>("code") { Description = "The code at the end of a problem, with or without parentheses" };
        return verbs.On(new Verb("explain", "Explains the code of a problem", "wherry explain health/deadline") { code }, (call, _) =>
        {
            var wanted = call.Get(code)!.Trim('(', ')', ' ');
            if (ProblemPages.Find(wanted) is { } text)
            {
                call.Print(new ProblemDoc(wanted, text), ClientJson.Default.ProblemDoc, o => o.WriteLine(text));
                return Task.FromResult(Exit.Ok);
            }

            var near = ProblemPages.Near(wanted);
            ProblemText.Write(call.World.Err, new("cli/unknown-code", $"There is no page about \"{wanted}\".", near.Count > 0 ? $"Near it: {string.Join(", ", near)}." : "Codes look like health/deadline; they stand in parentheses under a problem."), call.World.ColourErr);
            return Task.FromResult(Exit.Rejected);
        });
    }
}
