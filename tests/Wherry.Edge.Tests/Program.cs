using Wherry.Edge;
using Xunit.Runner.InProc.SystemConsole;

// `edge HOME LISTEN [HOLDER]` runs an edge; anything else is for the test runner.
return args is ["edge", var home, var listen, .. var holder]
    ? await EdgeHost.RunAsync(new EdgeOptions { Home = home, Listen = [listen], SocketsOf = holder is [var process] ? int.Parse(process, System.Globalization.CultureInfo.InvariantCulture) : null }, CancellationToken.None)
    : await ConsoleRunner.Run(args);
