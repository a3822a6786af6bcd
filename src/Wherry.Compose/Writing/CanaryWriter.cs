using Wherry.Core.Model;

namespace Wherry.Compose.Writing;

/// <summary><c>x-wherry.canary</c>.</summary>
internal static class CanaryWriter
{
    public static YamlMapping? Write(CanarySpec? canary) => canary is null ? null : new()
    {
        ["stages"] = new YamlSequence(canary.Stages.Count == 0 ? ["100%"] : canary.Stages.Select(Stage)),
        ["cookie"] = canary.Cookie,
        ["header"] = canary.Header,
        ["allow"] = Escaped.Some(canary.Allow),
        ["guard"] = Guard(canary.Guard),
        ["mirror"] = Mirror(canary.Mirror),
    };

    private static string Stage(CanaryStage stage) =>
        $"{(stage.Mirrored ? "mirror " : "")}{TextForm.Of(stage.Share)}%{(stage.For is { } time ? $" for {TextForm.Of(time)}" : "")}";

    private static YamlMapping? Guard(CanaryGuard? guard) => guard is null ? null : new()
    {
        ["errors"] = guard.Errors is { } errors ? $"{TextForm.Of(errors)}%" : null,
        ["p95"] = guard.P95 is { } time ? TextForm.Of(time) : null,
        ["restarts"] = guard.Restarts is { } restarts ? restarts : null,
        ["requests"] = guard.Requests == new CanaryGuard().Requests ? null : guard.Requests,
    };

    private static YamlMapping? Mirror(CanaryMirror mirror) => new YamlMapping
    {
        ["max_body"] = TextForm.Of(mirror.MaxBody),
        ["methods"] = mirror.Methods.SequenceEqual(new CanaryMirror().Methods) ? null : Escaped.List(mirror.Methods),
    }.OrNothing();
}
