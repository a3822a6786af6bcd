using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Variables;
using Wherry.Compose;
using Wherry.Compose.Importing;
using Wherry.Compose.Importing.CapRover;
using Wherry.Compose.Importing.Coolify;
using Wherry.Compose.Importing.Dokploy;
using Wherry.Compose.Importing.Resources;
using Wherry.Compose.Importing.Runs;
using Wherry.Core.Problems;

namespace Wherry.Cli.Importing;

/// <summary><c>wherry import coolify|caprover|dokploy|…</c>: another tool's file becomes a Compose project.</summary>
internal static class ImportCommand
{
    public static Command Build(Verbs verbs) =>
        new Verb("import", "Makes a Compose project from another tool's file", "wherry import coolify ghost.yaml --domain example.com", "wherry import coolify ghost.yaml --project blog --set SERVICE_FQDN_GHOST=blog.example.com", "wherry import compose ./shop")
        {
            BuildCoolify(verbs),
            BuildCompose(verbs),
            BuildResources(verbs),
            BuildRun(verbs),
            BuildCapRover(verbs),
            BuildDokploy(verbs),
        };

    private static Command BuildCoolify(Verbs verbs)
    {
        var path = new Argument<string>("file") { Description = "A one-click template, or a folder of them; - is standard input" };
        var noTls = NoTls();
        var options = new ImportOptions();
        var verb = new Verb("coolify", "Imports a one-click template of Coolify", "wherry import coolify ghost.yaml --domain example.com", "wherry import coolify ghost.yaml --output blog --set SERVICE_FQDN_GHOST=blog.example.com", "wherry import coolify templates/ --output imported") { path, noTls };
        options.AddTo(verb);
        return verbs.On(verb, (call, ct) => EachAsync(call, options, call.Get(path)!, (text, name) => CoolifyImport.Read(text, name, !call.Get(noTls)), ct));
    }

    private static Command BuildCapRover(Verbs verbs)
    {
        var path = new Argument<string>("file") { Description = "A one-click template, or a folder of them; - is standard input" };
        var noTls = NoTls();
        var options = new ImportOptions();
        var verb = new Verb("caprover", "Imports a one-click template of CapRover", "wherry import caprover chatwoot.yml --domain example.com") { path, noTls };
        options.AddTo(verb);
        return verbs.On(verb, (call, ct) => EachAsync(call, options, call.Get(path)!, (text, name) => CapRoverImport.Read(text, name, !call.Get(noTls)), ct));
    }

    private static Command BuildDokploy(Verbs verbs)
    {
        var path = new Argument<string>("folder") { Description = "Folder with docker-compose.yml and template.toml" };
        var noTls = NoTls();
        var options = new ImportOptions();
        var verb = new Verb("dokploy", "Imports a template of Dokploy", "wherry import dokploy blueprints/ghost --domain example.com") { path, noTls };
        options.AddTo(verb);
        return verbs.On(verb, async (call, ct) =>
        {
            var folder = Path.GetFullPath(call.Get(path)!, call.World.Folder);
            var compose = await EnvCommand.ReadAsync(Path.Combine(folder, "docker-compose.yml"), ct);
            var toml = await EnvCommand.ReadAsync(Path.Combine(folder, "template.toml"), ct);
            return await new ImportRun(call, options).WriteAsync(DokployImport.Read(compose, toml, Path.GetFileName(folder), !call.Get(noTls)), ct);
        });
    }

    private static Option<bool> NoTls() => new("--no-tls") { Description = "Serve the routes by plain HTTP: addresses begin with http://" };

    private static Command BuildCompose(Verbs verbs)
    {
        var path = new Argument<string>("folder") { Description = "Folder with a Compose file (default: the current one)", DefaultValueFactory = _ => "." };
        var options = new ImportOptions();
        var verb = new Verb("compose", "Says what a Compose project needs here, and makes the project when it is named", "wherry import compose", "wherry import compose ./shop --project shop --set DB_PASSWORD=…") { path };
        options.AddInputsTo(verb);
        return verbs.On(verb, async (call, ct) =>
        {
            var folder = Path.GetFullPath(call.Get(path)!, call.World.Folder);
            if (!Directory.Exists(folder))
            {
                throw new Problem("cli/no-folder", $"There is no folder {folder}.", "Give the folder that holds your Compose file.").AsException();
            }

            return await new ImportRun(call, options).StayAsync(ComposeFolderImport.Read(new DirectoryFiles(folder), Path.GetFileName(folder)), new DirectoryFiles(folder), call.Get(path)!, ct);
        });
    }

    private static Command BuildResources(Verbs verbs)
    {
        var path = new Argument<string>("file") { Description = "Documents with resource: database or resource: application; - is standard input" };
        var options = new ImportOptions();
        var verb = new Verb("resources", "Imports resource documents: databases and applications that refer to them", "wherry import resources shop.yaml --project shop --set VERSION=1.4") { path };
        options.AddTo(verb);
        return verbs.On(verb, (call, ct) => EachAsync(call, options, call.Get(path)!, ResourceImport.Read, ct));
    }

    private static Command BuildRun(Verbs verbs)
    {
        var words = new Argument<string[]>("line") { Description = "The line behind --, as it was typed; or as one text; - is standard input", Arity = ArgumentArity.OneOrMore };
        var options = new ImportOptions();
        var verb = new Verb("run", "Imports a docker run line as a project of one service", "wherry import run -- docker run -d -p 8080:80 --name web nginx:1.27", "wherry import run \"docker run -v data:/data -e MODE=fast redis:7\" --output cache") { words };
        options.AddTo(verb);
        return verbs.On(verb, async (call, ct) =>
        {
            var line = call.Get(words)!;
            var project = line is not [var only] ? RunImport.Read(line, Content)
                : RunImport.Read(only == "-" ? await StandardInput.ReadAllAsync(call.World, ct) : only, Content);
            return await new ImportRun(call, options).WriteAsync(project, ct);

            string? Content(string path) => Path.GetFullPath(path, call.World.Folder) is var full && File.Exists(full) ? File.ReadAllText(full) : null;
        });
    }

    /// <summary>One file, or every YAML file of a folder, which go on after one that is refused.</summary>
    private static async Task<Exit> EachAsync(Call call, ImportOptions options, string path, Func<string, string, ImportedProject> read, CancellationToken ct)
    {
        var run = new ImportRun(call, options);
        var full = Path.GetFullPath(path, call.World.Folder);
        if (path == "-" || !Directory.Exists(full))
        {
            var text = path == "-" ? await StandardInput.ReadAllAsync(call.World, ct) : await EnvCommand.ReadAsync(full, ct);
            return await run.WriteAsync(read(text, path == "-" ? call.NamedProject ?? "imported" : Path.GetFileName(full)), ct);
        }

        if (call.NamedProject is not null)
        {
            throw new Problem("cli/import-folder", $"{full} is a folder, and a project is made from one template.", "Name the file, or leave --project out.").AsException();
        }

        var refused = 0;
        foreach (var file in Directory.EnumerateFiles(full).Where(f => Path.GetExtension(f) is ".yaml" or ".yml").Order(StringComparer.Ordinal))
        {
            try
            {
                await run.WriteBelowAsync(read(await EnvCommand.ReadAsync(file, ct), Path.GetFileName(file)), ct);
            }
            catch (ProblemException e)
            {
                refused++;
                call.Note($"{Path.GetFileName(file)}: {e.Problem.Message.Split('\n')[0]} ({e.Problem.Code})");
            }
        }

        return refused == 0 ? Exit.Ok : Exit.Rejected;
    }
}
