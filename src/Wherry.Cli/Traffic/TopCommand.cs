using System.CommandLine;
using System.Globalization;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Traffic;

/// <summary><c>wherry top</c>: what passes through the edge right now.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(2);

    public static Command Build(Verbs verbs)
    {
        var every = Durations.Option("--interval", "Time between two looks (default: 2s)");
        var looks = new Option<int?>("--count", "-n") { Description = "So many looks, then end (default: one in a pipe, until Ctrl+C in a terminal)", HelpName = "LOOKS" };
        looks.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int?>() < 1)
            {
                r.AddError("--count must be 1 or more.");
            }
        });
        return verbs.On(new Verb("top", "Shows live requests per second, latencies and errors of every service", "wherry top", "wherry top -p shop --interval 10s", "wherry top -n 1 --json") { every, looks }, async (call, ct) =>
        {
            var interval = call.Get(every) ?? Usual;
            var stays = call.World.OutIsTerminal && !call.Json;
            var left = call.Get(looks) ?? (stays ? int.MaxValue : 1);
            var (before, since) = (await LookAsync(call, ct), call.World.Time.GetTimestamp());
            for (; left > 0; left--)
            {
                await Task.Delay(interval, call.World.Time, ct);
                var (now, at) = (await LookAsync(call, ct), call.World.Time.GetTimestamp());
                var rates = TrafficRates.Between(before, now, call.World.Time.GetElapsedTime(since, at));
                (before, since) = (now, at);
                if (stays)
                {
                    await call.World.Out.WriteAsync("\e[H\e[2J"); // to the corner, and the screen empty
                }

                call.Print(rates, ClientJson.Default.IReadOnlyListTrafficRate, o => Write(o, rates));
            }

            return Exit.Ok;
        });
    }

    internal static void Write(TextWriter output, IReadOnlyList<TrafficRate> rates)
    {
        if (rates.Count == 0)
        {
            output.WriteLine("no service with a route yet: give one `routes` under `x-wherry`");
            return;
        }

        var table = new Table("SERVICE", "REQ/S", "P50", "P95", "P99", "5XX/S", "IN FLIGHT");
        foreach (var rate in rates)
        {
            table.Add($"{rate.Project}/{rate.Environment}/{rate.Service}", Number(rate.PerSecond), Time(rate.P50), Time(rate.P95), Time(rate.P99), Number(rate.FailedPerSecond), rate.InFlight.ToString(CultureInfo.InvariantCulture));
        }

        table.Write(output);
    }

    private static async Task<IReadOnlyList<Client.Traffic>> LookAsync(Call call, CancellationToken ct) =>
        [.. (await call.Client.TrafficAsync(ct)).Where(t => (call.NamedProject ?? t.Project) == t.Project && (call.NamedEnvironment ?? t.Environment) == t.Environment)];

    private static string Number(double perSecond) => perSecond.ToString(perSecond is > 0 and < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Time(double? milliseconds) => milliseconds switch
    {
        null => "-",
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.0} ms"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s"),
    };
}
