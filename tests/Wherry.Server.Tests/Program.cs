using System.Net;
using Wherry.Edge;
using Wherry.Server;
using Wherry.Server.Tests.Rig;
using Xunit.Runner.InProc.SystemConsole;

// `server HOME ENGINE LISTEN` runs a server that kills itself where the home's file says, `edge HOME LISTEN` an edge; anything else is for the test runner.
switch (args)
{
    case ["server", var home, var engine, var listen]:
        using (Fate.In(home))
        {
            await ServerHost.RunAsync(new ServerOptions { Home = home, Engine = engine, Listen = IPEndPoint.Parse(listen) }, CancellationToken.None);
            return 0;
        }

    case ["edge", var home, var listen]:
        return await EdgeHost.RunAsync(new EdgeOptions { Home = home, Listen = [listen] }, CancellationToken.None);
    default:
        return await ConsoleRunner.Run(args);
}
