using Wherry.Core.Problems;

namespace Wherry.Server.Tests;

/// <summary>CR-01. A file that cannot be read at the start is never replaced by a default: somebody's data hangs on it.</summary>
public sealed class MalformedFilesTests
{
    [Theory]
    [InlineData("keys/secrets.key", "", "secret/key")]
    [InlineData("keys/secrets.key", "too short", "secret/key")]
    [InlineData("keys/home.id", "", "store/home-id")]
    [InlineData("keys/home.id", "{ }", "store/home-id")]
    [InlineData("wherry.db", "this is no database, and it is longer than the hundred bytes of the header that every such file begins with, as it must be", null)]
    public async Task CR_01_A_malformed_file_keeps_the_server_from_starting_and_stays_as_it_is(string name, string content, string? code)
    {
        var home = Directory.CreateTempSubdirectory("wherry-test-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(home, "keys"));
            var file = Path.Combine(home, name);
            await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);

            var failure = await Record.ExceptionAsync(() => ServerHost.BuildAsync(new ServerOptions { Home = home, Listen = null }, TestContext.Current.CancellationToken));

            Assert.NotNull(failure);
            Assert.Equal(code, code is null ? null : Assert.IsType<ProblemException>(failure).Problem.Code);
            Assert.Equal(content, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }
}
