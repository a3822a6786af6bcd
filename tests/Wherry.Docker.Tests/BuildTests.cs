using System.Security.Cryptography;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

public sealed class BuildTests(DockerHost host) : IDisposable
{
    private readonly SourceFolder _source = new();

    public static TheoryData<BuilderKind> Builders => [BuilderKind.BuildKit, BuilderKind.Classic];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _source.Dispose();

    [Theory]
    [MemberData(nameof(Builders))]
    public async Task A_build_heeds_target_args_labels_tags_and_ignore_file(BuilderKind builder)
    {
        var tag = Tag();
        _source.With(".dockerignore", "drop\n").With("keep", "kept").With("drop", "dropped").With("Dockerfile", $"""
            FROM {host.Image} AS first
            ARG WHO=nobody
            COPY . /src
            RUN echo "hello $WHO" > /greeting; ls /src; touch /src/drop-not 2>/dev/null; test ! -e /src/drop
            CMD ["cat", "/greeting"]
            FROM first AS second
            RUN echo never > /greeting
            """);

        var id = await BuildAsync(Request(builder) with { Target = "first", Tags = [tag], Args = new Dictionary<string, string> { ["WHO"] = "Ümit & co" } }, null);

        var image = (await host.Engine.Images.FindAsync(tag, Stop))!;
        Assert.Equal((id, host.Session), (image.Id, image.Labels[DockerHost.Label]));
        var container = await host.RunAsync(host.Spec() with { Image = tag.Value, Command = null }, Stop);
        await host.Engine.Containers.WaitAsync(container, Stop);
        Assert.Equal("hello Ümit & co", (await host.Engine.Containers.LogsAsync(container, new(), Stop).SingleAsync(Stop)).Text);
    }

    [Theory]
    [MemberData(nameof(Builders))]
    public async Task Progress_reads_like_a_story_and_a_second_build_comes_from_the_cache(BuilderKind builder)
    {
        _source.With("mark", Guid.NewGuid().ToString()).With("Dockerfile", $"FROM {host.Image}\nCOPY mark /\nRUN echo building the boat; echo and painting it >&2\n");
        var (first, second) = (new Reports<BuildProgress>(), new Reports<BuildProgress>());

        var id = await BuildAsync(Request(builder), first);
        // Another time on the file, as a fresh checkout has it.
        File.SetLastWriteTimeUtc(_source.At("mark"), new DateTime(2020, 2, 2, 2, 2, 2, DateTimeKind.Utc));
        var again = await BuildAsync(Request(builder), second);

        var run = first.All.Single(p => p.Kind == BuildProgressKind.Started && p.Text.Contains("RUN echo building", StringComparison.Ordinal)).Step;
        var story = first.All.Where(p => p.Step == run).ToArray();
        Assert.Equal(["building the boat", "and painting it"], story.Where(p => p.Kind == BuildProgressKind.Log).Select(p => p.Text).Order(StringComparer.Ordinal).Reverse());
        Assert.Equal((BuildProgressKind.Started, BuildProgressKind.Done), (story[0].Kind, story[^1].Kind));
        Assert.Matches($@"^#{run} done \d+\.\ds$", story[^1].ToString());
        Assert.Contains(second.All, p => p.Kind == BuildProgressKind.Cached && p.Text.Contains("RUN echo building", StringComparison.Ordinal));
        Assert.DoesNotContain(second.All, p => p.Text == "building the boat");
        Assert.Equal(id, again);
    }

    [Theory]
    [MemberData(nameof(Builders))]
    public async Task Without_the_cache_every_step_runs_again(BuilderKind builder)
    {
        _source.With("Dockerfile", $"FROM {host.Image}\nRUN echo fresh\n");
        await BuildAsync(Request(builder), null);
        var reports = new Reports<BuildProgress>();

        await BuildAsync(Request(builder) with { NoCache = true }, reports);

        Assert.Contains(reports.All, p => p is { Kind: BuildProgressKind.Log, Text: "fresh" });
    }

    [Theory]
    [MemberData(nameof(Builders))]
    public async Task A_failing_build_names_the_step_and_what_it_said_last(BuilderKind builder)
    {
        _source.With("Dockerfile", $"FROM {host.Image}\nRUN echo fine\nRUN for i in $(seq 1 40); do echo line $i; done; echo the paint is wet; exit 3\n");
        var reports = new Reports<BuildProgress>();

        var e = await Assert.ThrowsAsync<ProblemException>(() => BuildAsync(Request(builder), reports));

        Assert.Equal("build/failed", e.Problem.Code);
        Assert.Contains("RUN for i in", e.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("3", e.Problem.Message, StringComparison.Ordinal);
        Assert.EndsWith("line 40\n  the paint is wet", e.Problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("line 2\n", e.Problem.Message, StringComparison.Ordinal);
        Assert.Single(reports.All, p => p.Kind == BuildProgressKind.Failed);
    }

    [Theory]
    [MemberData(nameof(Builders))]
    public async Task A_dockerfile_with_a_typing_error_is_told(BuilderKind builder)
    {
        _source.With("Dockerfile", $"FROM {host.Image}\nRNU true\n");

        var e = await Assert.ThrowsAsync<ProblemException>(() => BuildAsync(Request(builder), null));

        Assert.Contains("RNU", e.Problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Builders))]
    public async Task RG_04_A_cancelled_build_stops_on_the_engine(BuilderKind builder)
    {
        var name = Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal);
        _source.With("Dockerfile", $"FROM {host.Image}\nRUN echo started; sleep 7{Random.Shared.Next(100000, 999999)} || echo {name}\n");
        var argument = (await File.ReadAllTextAsync(_source.At("Dockerfile"), Stop)).Split("sleep ")[1].Split(' ')[0];
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var started = new Reports<BuildProgress>(p => { if (p is { Kind: BuildProgressKind.Log, Text: "started" }) { cancel.CancelAfter(TimeSpan.FromMilliseconds(200)); } });

        var build = host.Engine.Builds.BuildAsync(Request(builder), started, cancel.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        for (var tries = 0; IsRunning(argument); tries++)
        {
            Assert.True(tries < 100, "the step still runs 10 s after the build was cancelled");
            await Task.Delay(100, Stop);
        }

        Assert.Contains(started.All, p => p.Text == "started");
    }

    [Theory]
    [MemberData(nameof(Builders))]
    public async Task CR_02_A_character_printed_in_two_halves_is_one_character(BuilderKind builder)
    {
        _source.With("Dockerfile", $"FROM {host.Image}\nRUN printf 'caf\\303'; sleep 0.5; printf '\\251 \\342\\232'; sleep 0.5; printf '\\223\\nplain\\n'\n");
        var reports = new Reports<BuildProgress>();

        await BuildAsync(Request(builder) with { NoCache = true }, reports);

        var lines = reports.All.Where(p => p.Kind == BuildProgressKind.Log).Select(p => p.Text).ToArray();
        // The classic builder's own text stream has replaced the halves before they leave the engine.
        Assert.Equal(builder == BuilderKind.BuildKit ? ["café ⚓", "plain"] : (string[])[lines[0], "plain"], lines);
        Assert.StartsWith("caf", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_of_three_hundred_megabytes_is_streamed_with_bounded_memory()
    {
        await using (var big = new FileStream(_source.At("big"), FileMode.Create))
        {
            big.SetLength(300L << 20);
            big.Position = 150L << 20;
            await big.WriteAsync(RandomNumberGenerator.GetBytes(1 << 20), Stop);
        }

        _source.With("Dockerfile", $"FROM {host.Image}\nRUN true\n");
        var context = BuildContext.Open(_source.Path, SourcePath.Root);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var peak = PeakMemoryAsync(done.Token);

        await BuildAsync(BuildRequest.Of(context) with { Labels = host.Labels }, null);
        var digest = await context.DigestAsync(Stop);

        await done.CancelAsync();
        Assert.Equal(64, digest.Length);
        // Other tests run beside this one; the context alone would be 300 MB.
        Assert.InRange(await peak - before, long.MinValue, 200L << 20);
    }

    [Fact]
    public async Task The_automatic_choice_is_buildkit_where_the_engine_has_it()
    {
        _source.With("Dockerfile", $"FROM {host.Image}\nRUN --mount=type=cache,target=/cache echo mounted > /cache/x\n");

        Assert.StartsWith("sha256:", await BuildAsync(Request(BuilderKind.Auto), null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_without_a_dockerfile_in_its_tar_is_told()
    {
        _source.With("Dockerfile", "FROM scratch");

        var e = await Assert.ThrowsAsync<ProblemException>(() => BuildAsync(Request(BuilderKind.BuildKit) with { Dockerfile = "other/Dockerfile" }, null));

        Assert.Equal("build/failed", e.Problem.Code);
        Assert.Contains("Dockerfile", e.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_that_breaks_while_it_is_sent_gives_its_own_problem()
    {
        var request = new BuildRequest
        {
            Builder = BuilderKind.BuildKit,
            WriteContext = async (target, ct) =>
            {
                await target.WriteAsync(new byte[200_000], ct);
                throw new Problem("build/context-read", "broken", "mend").AsException();
            },
        };

        Assert.Equal("build/context-read", (await Assert.ThrowsAsync<ProblemException>(() => BuildAsync(request, null))).Problem.Code);
    }

    private static async Task<long> PeakMemoryAsync(CancellationToken ct)
    {
        var peak = 0L;
        while (!ct.IsCancellationRequested)
        {
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
            await Task.Delay(10, CancellationToken.None);
        }

        return peak;
    }

    private static bool IsRunning(string argument) => Directory.GetDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])).Any(d =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(d, "cmdline")).Split('\0') is ["sleep", var seconds, ..] && seconds == argument;
        }
        catch (IOException)
        {
            // It ended while it was looked at.
            return false;
        }
    });

    private ImageReference Tag() => ImageReference.Parse($"wherry-test-built:{host.Session}-{Guid.NewGuid().ToString("N")[..6]}");

    private BuildRequest Request(BuilderKind builder) =>
        BuildRequest.Of(BuildContext.Open(_source.Path, SourcePath.Root)) with { Labels = host.Labels, Builder = builder };

    private Task<string> BuildAsync(BuildRequest request, IProgress<BuildProgress>? progress) => host.Engine.Builds.BuildAsync(request, progress, Stop);
}
