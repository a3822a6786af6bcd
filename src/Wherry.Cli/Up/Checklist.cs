using Wherry.Cli.Frame;
using Wherry.Cli.Output;

namespace Wherry.Cli.Up;

/// <summary>Tells each step as it is done.</summary>
internal sealed class Checklist(Call call)
{
    public void Done(string what) => call.Note($"{Paint.Green("✓", call.World.ColourErr)} {what}");

    public void Doing(string what) => call.Note($"· {what}");

    public void Hint(string what) => call.Note($"  {Paint.Yellow("!", call.World.ColourErr)} {what}");
}
