using System.Text;
using Wherry.Server.Logs;

namespace Wherry.Server.Tests.Logs;

public sealed class SecretMaskTests
{
    private const string Secret = "p@ss/w+rd \"ä\"";
    private const string Shown = "••••••";

    [Fact]
    public void DP_21_Credentials_are_masked_as_they_are_and_in_every_form_they_are_logged_in()
    {
        var mask = new SecretMask([Secret]);
        var bytes = Encoding.UTF8.GetBytes(Secret);
        string[] forms =
        [
            Secret,
            Convert.ToBase64String(bytes),
            Convert.ToBase64String(bytes).TrimEnd('='),
            Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_'),
            Uri.EscapeDataString(Secret),
            System.Net.WebUtility.UrlEncode(Secret),
            System.Text.Json.JsonSerializer.Serialize(Secret)[1..^1],
        ];

        Assert.All(forms, form => Assert.Equal($"before {Shown} after", mask.Apply($"before {form} after")));
    }

    [Theory]
    [InlineData("user:", "")]
    [InlineData("u:", "\n")]
    [InlineData("us:", "more")]
    [InlineData("deploy-user:", "x")]
    public void A_secret_inside_a_longer_base64_text_cannot_be_read_back(string before, string after)
    {
        const string password = "correct-horse-battery";
        var header = Convert.ToBase64String(Encoding.UTF8.GetBytes(before + password + after));

        var masked = new SecretMask([password]).Apply($"Authorization: Basic {header}");

        Assert.Contains(Shown, masked, StringComparison.Ordinal);
        var left = masked.Replace("Authorization: Basic ", "", StringComparison.Ordinal).Split(Shown);
        Assert.All(left, part => Assert.True(part.Length <= 4 + (before.Length * 4 / 3) + (after.Length * 4 / 3), part));
    }

    [Fact]
    public void A_secret_of_several_lines_is_masked_line_by_line()
    {
        var mask = new SecretMask(["-----BEGIN KEY-----\r\nMIIEvQ\r\n}\r\n-----END KEY-----\n"]);

        Assert.Equal([Shown, $"  {Shown}", "}", Shown], new[] { "-----BEGIN KEY-----", "  MIIEvQ", "}", "-----END KEY-----" }.Select(mask.Apply));
    }

    [Fact]
    public void Values_shorter_than_four_characters_are_left_alone()
    {
        Assert.Equal("yes 123 on", new SecretMask(["yes", "123", "on", "", " "]).Apply("yes 123 on"));
    }

    [Fact]
    public void Overlapping_and_nested_secrets_leave_nothing_of_each_other()
    {
        var mask = new SecretMask(["abcdef", "defghi", "abcd", "ghijkl"]);

        Assert.Equal($"x{Shown}x", mask.Apply("xabcdefghijklx"));
        Assert.Equal($"{Shown}{Shown} {Shown}", mask.Apply("abcdefabcdef defghi"));
    }

    [Fact]
    public void Text_without_a_secret_stays_the_same_object()
    {
        const string text = "nothing to see";

        Assert.Same(text, new SecretMask(["something"]).Apply(text));
        Assert.Same(text, SecretMask.None.Apply(text));
    }
}
