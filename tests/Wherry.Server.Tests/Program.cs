using System.Net;
using Wherry.Server;
using Wherry.Server.Tests.Rig;
using Xunit.Runner.InProc.SystemConsole;

// `server HOME ENGINE LISTEN` runs a server that kills itself where the home's file says; anything else is for the test runner.
if (args is not ["server", var home, var engine, var listen])
{
    return await ConsoleRunner.Run(args);
}

using var fate = Fate.In(home);
await ServerHost.RunAsync(new ServerOptions { Home = home, Engine = engine, Listen = IPEndPoint.Parse(listen) }, CancellationToken.None);
return 0;
