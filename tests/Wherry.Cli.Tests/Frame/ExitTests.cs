using Wherry.Cli.Frame;

namespace Wherry.Cli.Tests.Frame;

public sealed class ExitTests
{
    [Theory]
    [InlineData("cli/no-project", 2)]
    [InlineData("token/missing", 2)]
    [InlineData("project/not-found", 3)]
    [InlineData("token/scope", 3)]
    [InlineData("server/bug", 3)]
    [InlineData("server/unreachable", 5)]
    [InlineData("session/lost", 5)]
    [InlineData("docker/unreachable", 5)]
    public void Each_kind_of_failure_has_one_exit_code(string code, int exit) => Assert.Equal(exit, (int)Verbs.ExitOf(code));
}
