using Wherry.Cli.Frame;

namespace Wherry.Cli.Tests.Export;

public sealed class ExportTests
{
    private const string Compose = """
        services:
          web:
            image: nginx:1.28
            environment: { PASSWORD: "${PASSWORD}", COLOUR: "${COLOUR}" }
            secrets: [key]
        secrets: { key: { file: key.pem } }
        """;

    [Fact]
    public async Task A_local_file_is_exported_without_a_server_and_without_its_secrets()
    {
        using var folder = A.Folder();
        folder.Write("shop/compose.yaml", Compose);
        folder.Write("shop/key.pem", "secret-pem");
        folder.Write("shop/.env", "PASSWORD=hunter2\nCOLOUR=green\n");

        var ran = await A.RunAsync(A.World(folder.Path), "export", "compose", "--file", "shop/compose.yaml");

        Assert.Equal(0, ran.Code);
        Assert.Contains("name: shop\n", ran.Out, StringComparison.Ordinal);
        Assert.Contains("COLOUR: green\n      PASSWORD: ${PASSWORD}\n", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-pem", ran.Out, StringComparison.Ordinal);
        Assert.Contains("to be set: PASSWORD: a value of web\n", ran.Err, StringComparison.Ordinal);
        Assert.Contains("to be set: KEY: the secret /run/secrets/key of web\n", ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_gets_all_files_and_nothing_that_is_there_is_overwritten_unasked()
    {
        using var folder = A.Folder();
        folder.Write("compose.yaml", Compose);
        folder.Write("key.pem", "secret-pem");
        folder.Write("out/.env", "MINE=1");
        string[] export = ["export", "compose", "-p", "shop", "--file", "compose.yaml", "--output", "out", "--with-secrets"];

        var refused = await A.RunAsync(A.World(folder.Path), export);
        var forced = await A.RunAsync(A.World(folder.Path), [.. export, "--force"]);

        Assert.Equal((int)Exit.Usage, refused.Code);
        Assert.Contains("(cli/file-exists)", refused.Err, StringComparison.Ordinal);
        Assert.Equal(0, forced.Code);
        Assert.Equal([$"{folder.Path}/out/compose.yaml", $"{folder.Path}/out/.env"], forced.Out.TrimEnd().Split('\n'));
        Assert.Contains("KEY='secret-pem'", await File.ReadAllTextAsync(Path.Combine(folder.Path, "out/.env"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.Path, "out/.env")));
    }

    [Fact]
    public async Task Secrets_of_a_server_cannot_be_asked_for()
    {
        var ran = await A.RunAsync("export", "compose", "--with-secrets");

        Assert.Equal((int)Exit.Usage, ran.Code);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_a_problem()
    {
        var ran = await A.RunAsync("export", "compose", "--file", "none.yaml");

        Assert.Equal((int)Exit.Usage, ran.Code);
        Assert.Contains("(cli/file)", ran.Err, StringComparison.Ordinal);
    }
}
