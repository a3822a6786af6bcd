using System.Text;
using Wherry.Core.Model;

namespace Wherry.Compose.Tests.Reading;

public sealed class RelativeBindTests
{
    [Theory]
    [InlineData("volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']")]
    [InlineData("volumes: [{ type: bind, source: nginx.conf, target: /etc/nginx/nginx.conf, read_only: true }]")]
    public void A_file_of_the_source_is_put_into_the_container(string body)
    {
        var result = Read(body, ("nginx.conf", "events {}"));
        var web = A.Service(result.Model, "web");

        Assert.Equal(["/etc/nginx/nginx.conf 420 events {}"], web.Files.Select(Told));
        Assert.Empty(web.Mounts);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void Changed_content_gives_a_new_container() =>
        Assert.NotEqual(SpecHash.Of(A.Web("volumes: ['./a.conf:/a.conf']", null, ("a.conf", "1"))), SpecHash.Of(A.Web("volumes: ['./a.conf:/a.conf']", null, ("a.conf", "2"))));

    [Fact]
    public void A_folder_of_the_source_is_put_in_with_everything_below_and_scripts_can_run()
    {
        var result = Read("volumes: ['./conf/:/etc/app/:ro']", ("conf/a.ini", "a"), ("conf/deep/run.sh", "#!/bin/sh\n"), ("config/other", "x"), ("conf/.gitkeep", ""));

        Assert.Equal(["/etc/app/a.ini 420 a", "/etc/app/deep/run.sh 493 #!/bin/sh\n"], A.Service(result.Model, "web").Files.Select(Told));
        Assert.Empty(result.Warnings);
    }

    [Theory]
    [InlineData("./conf", "the folder")]
    [InlineData("./conf/a.ini", "the file")]
    public void What_may_be_written_to_has_a_warning(string path, string what) =>
        Assert.StartsWith($"compose.yaml:4:15 services.web.volumes[0]: {what} \"{path}\" is put into each new container", Warned($"volumes: ['{path}:/etc/app']", "compose/folder-copied", ("conf/a.ini", "a")), StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_put_into_what_is_read_only() =>
        Assert.Equal("compose/unsupported-key", A.WebProblem("read_only: true\nvolumes: ['./a.conf:/a.conf:ro']", null, ("a.conf", "1")).Code);

    [Fact]
    public void The_whole_source_may_be_mounted() =>
        Assert.Equal(["/code/app.py", "/code/lib/x.py"], A.Web("volumes: ['.:/code:ro']", null, ("app.py", "a"), ("lib/x.py", "x")).Files.Select(f => f.Target));

    [Fact]
    public void What_the_source_has_not_is_a_volume_that_services_share()
    {
        var model = A.Read("services:\n  web: { image: x, volumes: ['./data:/data', './db/files:/files:ro'] }\n  worker: { image: x, volumes: ['./data:/work'] }\n").Model;

        Assert.Equal(["Volume data /data False", "Volume db-files /files True"], A.Service(model, "web").Mounts.Select(m => $"{m.Kind} {m.Source} {m.Target} {m.ReadOnly}"));
        Assert.Equal("data", Assert.Single(A.Service(model, "worker").Mounts).Source);
        Assert.Equal(["data", "db-files"], model.Volumes.Keys);
    }

    [Fact]
    public void The_warning_says_how_to_look_into_it() =>
        Assert.Contains("kept as the volume \"data\", empty at first; look into it with: wherry run web -- ls /data", Warned("volumes: ['./data:/data']", "compose/folder-volume"), StringComparison.Ordinal);

    [Fact]
    public void A_folder_that_is_only_kept_for_Git_is_a_volume() =>
        Assert.Equal(MountKind.Volume, Assert.Single(A.Web("volumes: ['./data:/data']", null, ("data/.gitkeep", "")).Mounts).Kind);

    [Theory]
    [InlineData("./data", "data-3a6eb079")]
    [InlineData("./.config", "config")]
    [InlineData("./a b/ü", "a-b--")]
    [InlineData(".", "source-cdb4ee2a")]
    public void The_volume_is_named_after_the_path_and_never_like_a_declared_one(string path, string name) =>
        Assert.Equal(name, Assert.Single(A.Web($"volumes: ['{path}:/x']\n---\nvolumes: {{ data: , config-x: }}").Mounts).Source);

    [Theory]
    [InlineData("./nginx.conf:/etc/nginx/nginx.conf", "compose/file-missing", "\"./nginx.conf\" is not in the source")]
    [InlineData("../data:/data", "source/path", "leads out of the source")]
    [InlineData("~/data:/data", "compose/relative-bind", "is in the home of whoever starts Compose")]
    [InlineData("./many:/many", "compose/relative-bind", "has more than 300 files in the source")]
    [InlineData("./large:/large", "compose/relative-bind", "has more than 4 MB in the source")]
    [InlineData("./one.conf:/a", "compose/value", "another file is put at \"/a\" already")]
    public void What_cannot_be_mounted_is_told_where_it_stands(string volume, string code, string part)
    {
        (string, string)[] files = [.. Enumerable.Range(0, 301).Select(i => ($"many/{i}", "x")), .. Enumerable.Range(0, 5).Select(i => ($"large/{i}", new string('x', 1_000_000))), ("one.conf", "x")];
        var problem = A.WebProblem($"configs: [a]\nvolumes:\n  - {volume}\n---\nconfigs: {{ a: {{ content: c }} }}", null, files);

        Assert.Equal(code, problem.Code);
        Assert.Contains(part, problem.Message, StringComparison.Ordinal);
        Assert.StartsWith(code == "compose/value" ? "compose.yaml:4:" : "compose.yaml:6:9 services.web.volumes[0]: ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_that_is_not_active_reads_nothing_and_makes_no_volume() =>
        Assert.Equal(["default"], A.Read("services: { web: { image: x }, off: { image: x, profiles: [p], volumes: ['./data:/data', './gone.conf:/gone.conf'] } }").Model.Volumes.Keys.Append("default"));

    private static ComposeResult Read(string body, params (string, string)[] files) => A.Read(A.WebFile(body), null, files);

    private static string Warned(string body, string code, params (string, string)[] files)
    {
        var warning = Assert.Single(Read(body, files).Warnings);
        Assert.Equal(code, warning.Code);
        return warning.Message;
    }

    private static string Told(FileMount file) => $"{file.Target} {file.Mode} {Encoding.UTF8.GetString(file.Content)}";
}
