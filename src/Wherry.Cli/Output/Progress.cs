using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Output;

/// <summary>Shows a log as it comes. Steps are Wherry's own lines; everything else is the output of builds and commands.</summary>
internal abstract class Progress : IDisposable
{
    /// <summary>Live in a terminal, plain lines in a pipe, nothing with <c>--quiet</c>.</summary>
    public static Progress For(Call call) =>
        call.Quiet ? new SilentProgress()
        : call.World.ErrIsTerminal && call.World.Variable("TERM") is not "dumb" ? new LiveProgress(call.World)
        : new PlainProgress(call.World.Err);

    public abstract void Show(LogLine line);

    public virtual void Dispose()
    {
    }

    internal static bool IsStep(LogLine line) => line.Stream == "wherry";
}

/// <summary>Shows nothing.</summary>
internal sealed class SilentProgress : Progress
{
    public override void Show(LogLine line)
    {
    }
}

/// <summary>One line each, without colours or movement.</summary>
internal sealed class PlainProgress(TextWriter err) : Progress
{
    public override void Show(LogLine line) => err.WriteLine(IsStep(line) ? line.Text : $"  {line.Source} | {line.Text}");
}
