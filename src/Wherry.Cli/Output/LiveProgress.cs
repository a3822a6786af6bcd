using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Output;

/// <summary>For a terminal: finished steps stay, the running one turns at the bottom with its time and the latest line of output.</summary>
internal sealed class LiveProgress : Progress
{
    private const string Frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    private readonly Lock _drawing = new();
    private readonly World _world;
    private readonly ITimer _timer;
    private readonly int _width;
    private string? _step;
    private long _since;
    private int _frame;

    public LiveProgress(World world)
    {
        _world = world;
        _width = Math.Max(Terminal.SizeOf(Terminal.StandardError).Columns, 20);
        _timer = world.Time.CreateTimer(_ => Turn(), null, Every, Every);
    }

    public override void Show(LogLine line)
    {
        lock (_drawing)
        {
            if (IsStep(line))
            {
                Finish();
                _step = line.Text;
                _since = _world.Time.GetTimestamp();
            }
            else
            {
                _world.Err.Write($"\r\e[K{Paint.Dim($"  {line.Source} | ", _world.ColourErr)}{line.Text}\n");
            }

            Draw();
        }
    }

    public override void Dispose()
    {
        _timer.Dispose();
        lock (_drawing)
        {
            Finish();
        }

        base.Dispose();
    }

    private void Turn()
    {
        lock (_drawing)
        {
            _frame++;
            Draw();
        }
    }

    private void Finish()
    {
        if (_step is not null)
        {
            _world.Err.Write($"\r\e[K{_step}\n");
            _step = null;
        }
    }

    private void Draw()
    {
        if (_step is not null)
        {
            var elapsed = _world.Time.GetElapsedTime(_since);
            var line = $"{Frames[_frame % Frames.Length]} {_step} {(elapsed.TotalSeconds < 1 ? "" : Ago.Took(elapsed))}";
            _world.Err.Write($"\r\e[K{(line.Length < _width ? line : line[..(_width - 1)])}");
        }
    }
}
