using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;

// First of all: whatever is said from here on belongs into the log.
RoleLog.RedirectIfAsked();
return await CommandLine.RunAsync(args, World.OfThisProcess());
