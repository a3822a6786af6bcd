using System.CommandLine;
using System.Globalization;
using Wherry.Cli.Frame;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Deployments;

/// <summary>What is deployed or planned: a folder, an image or a remote repository; and how.</summary>
internal sealed class SourceOptions
{
    private readonly Argument<string?> _folder = new("folder") { Description = "Folder to deploy (default: the current one)", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _image = new("--image") { Description = "Image to run as a project of one service", HelpName = "IMAGE" };
    private readonly Option<string?> _git = new("--git") { Description = "Remote Git repository", HelpName = "URL" };
    private readonly Option<string?> _ref = new("--ref") { Description = "Branch, tag or commit: of --git (default: the remote's default branch), else of what was pushed here", HelpName = "REF" };
    private readonly Option<string?> _path = new("--path") { Description = "With --git or --ref: folder in the repository that holds the Compose file or Dockerfile", HelpName = "FOLDER" };
    private readonly Option<string?> _host = new("--host") { Description = "Host of a project without a Compose file (default: PROJECT.localhost)", HelpName = "HOST" };
    private readonly Option<int?> _port = new("--port") { Description = "Port of a project without a Compose file (default: what the image exposes)", HelpName = "PORT" };
    private readonly Option<string[]> _files = new("--file", "-f") { Description = "Compose file below the folder; may be repeated, later files are merged over earlier ones (default: compose.yaml and compose.override.yaml)", HelpName = "FILE" };
    private readonly Option<string[]> _profiles = new("--profile") { Description = "Profile of the Compose file to activate; may be repeated", HelpName = "NAME" };
    private readonly Option<bool> _rebuild = new("--rebuild") { Description = "Build again even if this tree was built before" };
    private readonly Option<bool> _pull = new("--pull") { Description = "Pull images even if they are on the server" };
    private readonly Option<bool> _removeOrphans = new("--remove-orphans") { Description = "Remove services that are no longer in the Compose file" };

    private readonly Option<string?> _canary = new("--canary") { Description = "Give the new release to so many percent of the visitors until `wherry promote` (default: the service's own stages, else 10)", HelpName = "SHARE", Arity = ArgumentArity.ZeroOrOne };

    public void AddTo(Command command)
    {
        command.Add(_folder);
        foreach (var option in (IEnumerable<Option>)[_image, _git, _ref, _path, _host, _port, _files, _profiles, _rebuild, _pull, _removeOrphans, _canary])
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            var sources = new[] { result.GetResult(_folder) is { Tokens.Count: > 0 }, result.GetValue(_image) is not null, result.GetValue(_git) is not null }.Count(given => given);
            if (sources > 1)
            {
                result.AddError("A folder, --image and --git exclude each other: give one of them.");
            }

            if (result.GetValue(_ref) is not null && (result.GetResult(_folder) is { Tokens.Count: > 0 } || result.GetValue(_image) is not null))
            {
                result.AddError("--ref is of --git, or of what was pushed here: not of a folder or an image.");
            }

            if (result.GetValue(_canary) is { } share && Share(share) is null)
            {
                result.AddError("--canary takes a number of percent, for instance --canary 5. A folder stands before it.");
            }

            if (result.GetValue(_files) is { Length: > 0 } && result.GetValue(_image) is not null)
            {
                result.AddError("--file is of a folder or a repository: an image has no Compose file.");
            }

            if (result.GetValue(_path) is not null && (result.GetValue(_git) ?? result.GetValue(_ref)) is null)
            {
                result.AddError("--path belongs to --git or --ref.");
            }
        });
    }

    public DeployRequest Request(Call call) => new()
    {
        Image = call.Get(_image),
        GitUrl = call.Get(_git),
        GitRef = call.Get(_ref),
        Path = call.Get(_path),
        Host = call.Get(_host),
        Port = call.Get(_port),
        ComposeFiles = call.Get(_files) ?? [],
        Profiles = call.Get(_profiles) ?? [],
        Rebuild = call.Get(_rebuild),
        Pull = call.Get(_pull),
        RemoveOrphans = call.Get(_removeOrphans),
        Canary = call.IsGiven(_canary) ? new CanaryRequest(call.Get(_canary) is { } share ? Share(share) : null) : null,
    };

    private static double? Share(string text) =>
        double.TryParse(text.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 100 ? share : null;

    /// <summary>The project: as named, else guessed from what is deployed.</summary>
    public async Task<string> ProjectAsync(Call call, CancellationToken ct)
    {
        if (call.NamedProject is { } named)
        {
            return named;
        }

        var guess = call.Get(_image) is { } image ? ProjectGuess.OfImage(image)
            : call.Get(_git) is { } url ? ProjectGuess.OfAddress(url)
            : await ProjectGuess.OfFolderAsync(Folder(call), ct);
        guess = guess ?? throw new Problem("cli/no-project", "What is deployed gives no name for a project.", "Name it: --project NAME.").AsException();
        call.Note($"project {guess.Name} (from {guess.From})");
        return guess.Name;
    }

    /// <summary>Uploads the folder, when a folder is what is deployed.</summary>
    public async Task<DeployRequest> WithUploadAsync(Call call, string project, DeployRequest request, CancellationToken ct)
    {
        if (request.Image is not null || request.GitUrl is not null || request.GitRef is not null)
        {
            return request;
        }

        var folder = Folder(call);
        var tar = FolderTar.Of(folder, hasComposeFile: request.ComposeFiles.Count > 0);
        if (await GitProgram.TryAsync(folder, ["status", "--porcelain", "--", "."], ct) is { Length: > 0 })
        {
            call.Note("uncommitted changes are included: what is deployed is the folder as it is");
        }

        var upload = await call.Client.UploadAsync(project, call.Environment, tar.WriteAsync, ct);
        call.Note($"uploaded {tar.Files} files, {Output.Bytes.Of(upload.Bytes)}");
        return request with { Upload = upload.Id };
    }

    private string Folder(Call call)
    {
        var folder = Path.GetFullPath(call.Get(_folder) ?? ".", call.World.Folder);
        return Directory.Exists(folder)
            ? folder
            : throw new Problem("cli/no-folder", $"There is no folder {folder}.", "Give the folder that holds your Compose file or Dockerfile.").AsException();
    }
}
