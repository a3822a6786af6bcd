using System.Text.RegularExpressions;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Compose;
using Wherry.Compose.Writing;
using Wherry.Core.Problems;

namespace Wherry.Cli.Config;

/// <summary>Where the values of variables come from. The values themselves are not shown: they may be secrets.</summary>
internal static class VariableView
{
    /// <summary>Each variable with where it comes from.</summary>
    public static YamlMapping All(ComposeResult read) => new(read.Places
        .GroupBy(p => p.Name, StringComparer.Ordinal)
        .OrderBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => KeyValuePair.Create(g.Key, string.Join(", ", g.Select(From).Distinct()))));

    /// <summary>Each place that asks for one variable.</summary>
    /// <exception cref="ProblemException"><c>compose/undefined-reference</c> when none does.</exception>
    public static void Explain(Call call, ComposeResult read, string name, bool json)
    {
        var places = read.Places.Where(p => p.Name == name).ToList();
        if (places.Count == 0)
        {
            throw new Problem("compose/undefined-reference", $"No file asks for the variable {Problem.Quoted(name)}.", "See those that are asked for: `wherry config --variables`.").AsException();
        }

        if (json)
        {
            call.Result(JsonText.Write(new YamlSequence(places.Select(Told))));
            return;
        }

        var table = new Table("FROM", "ASKED FOR IN", "SERVICE", "WRITTEN");
        foreach (var place in places)
        {
            table.Add(From(place), place.Place, place.Service ?? "", Problem.Quoted(place.Written));
        }

        table.Write(call.World.Out);
    }

    private static YamlValue Told(VariablePlace place) => new YamlMapping { ["from"] = From(place), ["place"] = place.Place, ["service"] = place.Service, ["written"] = place.Written };

    private static string From(VariablePlace place) => place.Origin switch
    {
        VariableOrigin.Environment => "environment",
        VariableOrigin.DotEnv => place.From!,
        _ => Regex.IsMatch(place.Written, $@"\$\{{{Regex.Escape(place.Name)}:?-") ? "default" : "unset",
    };
}
