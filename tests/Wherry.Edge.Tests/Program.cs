using Wherry.Edge;
using Xunit.Runner.InProc.SystemConsole;

// `edge HOME LISTEN` runs an edge; anything else is for the test runner.
return args is ["edge", var home, var listen]
    ? await EdgeHost.RunAsync(new EdgeOptions { Home = home, Listen = [listen] }, CancellationToken.None)
    : await ConsoleRunner.Run(args);
