using Wherry.Core.Model;

namespace Wherry.Compose.Tests.XWherry;

/// <summary><c>x-wherry.canary</c>.</summary>
public sealed class CanaryTests
{
    [Fact]
    public void Stages_marks_guard_and_mirror_are_read_and_all_visitors_at_the_end_are_understood()
    {
        var canary = Read("stages: [mirror 100% for 1h, 5% for 10m, 25.5 %, 100%], header: X-User, allow: [ann], guard: { errors: 0.5%, p95: 800ms, restarts: 2, requests: 5 }, mirror: { max_body: 1m, methods: [POST] }");

        Assert.Equal([new CanaryStage(100, TimeSpan.FromHours(1), Mirrored: true), new CanaryStage(5, TimeSpan.FromMinutes(10)), new CanaryStage(25.5)], canary.Stages);
        Assert.Equal((null, "X-User", "ann"), (canary.Cookie, canary.Header, canary.Allow.Single()));
        Assert.Equal(new CanaryGuard { Errors = 0.5, P95 = TimeSpan.FromMilliseconds(800), Restarts = 2, Requests = 5 }, canary.Guard);
        Assert.Equal((1L << 20, "POST"), (canary.Mirror.MaxBody!.Bytes, canary.Mirror.Methods.Single()));
    }

    [Fact]
    public void One_stage_needs_no_list_and_what_is_left_out_has_its_default()
    {
        var canary = Read("stages: 5%");

        Assert.Equal([new CanaryStage(5)], canary.Stages);
        Assert.Null(canary.Guard);
        Assert.Equal(["GET", "HEAD"], canary.Mirror.Methods);
    }

    [Theory]
    [InlineData("stages: [5]", "is not a stage")]
    [InlineData("stages: [120%]", "is not a stage")]
    [InlineData("stages: [5% for ever]", "is not for a time")]
    [InlineData("stages: [5% for 10ms]", "is not for a time")]
    [InlineData("stages: [25%, 5%]", "is not more than the stage before it")]
    [InlineData("stages: [5%, mirror 10%]", "mirrors after visitors")]
    [InlineData("stages: [100% for 1h]", "which has no time")]
    [InlineData("stages: [0%]", "nobody is named")]
    [InlineData("stages: [5%], allow: [ann]", "needs the cookie or header")]
    [InlineData("stages: [5%], cookie: a, header: b", "a cookie and a header")]
    [InlineData("stages: [5%], cookie: a b", "is not the name")]
    [InlineData("stages: [5%], guard: {}", "guards nothing")]
    [InlineData("stages: [5%], guard: { errors: 101% }", "is not a share")]
    [InlineData("stages: [5%], guard: { p95: 0 }", "is not between 1 ms and 1 h")]
    [InlineData("stages: [5%], mirror: { max_body: 2m }", "is more than 1m")]
    [InlineData("stages: [5%], mirror: { methods: [get] }", "is not a method")]
    [InlineData("cookie: a", "needs stages")]
    [InlineData("stages: [5%], share: 5%", "share")]
    public void What_makes_no_sense_is_refused_in_words(string canary, string told) =>
        Assert.Contains(told, A.Problem($"services: {{ web: {{ image: a, expose: [80], x-wherry: {{ routes: [a.test], canary: {{ {canary} }} }} }} }}").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("canary: { stages: 5% }", "without a route")]
    [InlineData("routes: [a.test], deploy: { strategy: recreate }, canary: { stages: 5% }", "stopped first")]
    public void A_service_that_cannot_share_its_visitors_out_is_refused(string keys, string told) =>
        Assert.Contains(told, A.Problem($"services: {{ web: {{ image: a, expose: [80], x-wherry: {{ {keys} }} }} }}").Message, StringComparison.Ordinal);

    [Fact]
    public void A_service_that_would_be_recreated_because_of_its_volume_is_refused_until_it_says_that_two_may_run() =>
        Assert.Contains("stopped first", A.Problem("services: { web: { image: a, expose: [80], volumes: ['d:/d'], x-wherry: { routes: [a.test], canary: { stages: 5% } } } }\nvolumes: { d: {} }").Message, StringComparison.Ordinal);

    private static CanarySpec Read(string keys) => A.Service(A.Model($"services: {{ web: {{ image: a, expose: [80], x-wherry: {{ routes: [a.test], canary: {{ {keys} }} }} }} }}"), "web").Canary!;
}
