using Wherry.Compose.Exporting;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Tests.Exporting;

public sealed class NomadExportTests
{
    /// <summary>Nomad publishes what its API takes; the Docker driver's own settings are in none of its schemas.</summary>
    [Fact]
    public void Every_job_has_the_shape_that_Nomad_publishes()
    {
        var schemas = new OpenApiCheck(Exports.JsonOfYaml(Exports.SharedSchema("nomad/openapi.yaml")));

        foreach (var (name, model) in Exports.Models())
        {
            var job = Exports.Parse(NomadExport.Of(model, Exports.Wish).Text("job.json"));

            Assert.Empty(schemas.Check("JobRegisterRequest", job).Select(wrong => $"{name}: {wrong}"));
            var groups = ((YamlList)job.At("Job/TaskGroups")!).Items;
            Assert.Equal(model.Services.Count, groups.Count);
            Assert.All(groups, group => Assert.All(((group.At("Tasks/0/VolumeMounts") as YamlList)?.Items ?? []), m => Assert.NotNull(group.At($"Volumes/{m.TextAt("Volume")}"))));
        }
    }

    [Fact]
    public void Secrets_come_from_Nomads_variables()
    {
        var (model, secrets) = LocalModel.Read(A.Input(
            "services: { web: { image: nginx, environment: { URL: 'postgres://u:${DB_PASSWORD}@db', PLAIN: 'a$${b}' }, secrets: [pem] } }\nsecrets: { pem: { file: pem } }",
            A.Vars(("DB_PASSWORD", "hunter2")), ("pem", "{{hunter4}}")));

        var without = NomadExport.Of(model, Exports.Wish);
        var with = NomadExport.Of(model, Exports.Wish with { Secrets = secrets });

        Assert.All(without.Files, f => Assert.DoesNotContain("hunter", without.Text(f.Path), StringComparison.Ordinal));
        Assert.DoesNotContain("hunter", with.Text("job.json"), StringComparison.Ordinal);
        var variables = Exports.Parse(with.Text("variables.json"));
        Assert.Equal(("nomad/jobs/shop", "hunter2", "{{hunter4}}"), (variables.TextAt("Path"), variables.TextAt("Items/DB_PASSWORD"), variables.TextAt("Items/PEM")));
        var task = Exports.Parse(with.Text("job.json")).At("Job/TaskGroups/0/Tasks/0")!;
        Assert.Equal("a$${b}", task.TextAt("Env/PLAIN"));
        Assert.Equal("URL=postgres://u:{{ with nomadVar \"nomad/jobs/shop\" }}{{ .DB_PASSWORD }}{{ end }}@db\n", task.TextAt("Templates/1/EmbeddedTmpl"));
        Assert.Equal("true", task.TextAt("Templates/1/Envvars"));
    }

    [Fact]
    public void The_release_command_runs_before_the_service_and_losses_are_in_the_jobs_meta()
    {
        var exported = NomadExport.Of(Exports.Everything(), Exports.Wish);
        var job = Exports.Parse(exported.Text("job.json"));
        var web = ((YamlList)job.At("Job/TaskGroups")!).Items.Single(g => g.TextAt("Name") == "web");

        Assert.Equal(("web-release", "prestart", "bin/migrate"), (web.TextAt("Tasks/0/Name"), web.TextAt("Tasks/0/Lifecycle/Hook"), web.TextAt("Tasks/0/Config/args/0")));
        var notes = ((YamlMap)job.At("Job/Meta")!).Entries.Select(e => ((YamlScalar)e.Value).Text).ToList();
        Assert.All(exported.Losses, loss => Assert.Contains($"- {loss}", notes));
    }
}
