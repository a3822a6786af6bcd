using System.Diagnostics;
using System.Runtime.CompilerServices;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests;

public sealed class FuzzTests
{
    private const int Rounds = 600;

    private static readonly string[] Pieces =
    [
        "\n", "  ", "\t", ":", ": ", "- ", "#", "\"", "'", "[", "]", "{", "}", "&a ", "*a", "<<: *a", "!!str ", "|\n", ">-\n", "---\n", "...\n", "? ", "%", "$", "${A:-", "}", "$$",
        "\0", "\u0085", "\u2028", "🚢", "null", "~", "0x", "-1", "99999999999999999999", "1e999", ".inf", "..", "/", "x-wherry:", "services:", "\r", "\\", "`", "@", ",",
    ];

    [Fact]
    public void A_mutated_file_is_read_or_refused_with_a_problem_in_bounded_time()
    {
        var example = File.ReadAllText(Example());
        var random = new Random(99);
        var read = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var text = Mutate(example, random);
            var start = Stopwatch.GetTimestamp();
            try
            {
                ComposeReader.Read(A.Input(text, A.Vars(("DB_PASSWORD", "p")), ("errors/503.html", "closed")));
                read++;
            }
            catch (ProblemException e)
            {
                Assert.NotEmpty(e.Problem.Hint);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"round {i}: {e}\n{text}");
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20), $"round {i} took {Stopwatch.GetElapsedTime(start)}\n{text}");
        }

        Assert.InRange(read, 1, Rounds - 1);
    }

    private static string Mutate(string text, Random random)
    {
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(text.Length);
            var length = Math.Min(random.Next(40), text.Length - at);
            text = random.Next(5) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(at, length)),
                2 => text.Insert(random.Next(text.Length), text.Substring(at, length)),
                3 => text[..at] + (char)random.Next(1, 0x250) + text[Math.Min(text.Length, at + 1)..],
                _ => text.Insert(at, Pieces[random.Next(Pieces.Length)]),
            };
        }

        return text;
    }

    private static string Example([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "wherry.example.yml"));
}
