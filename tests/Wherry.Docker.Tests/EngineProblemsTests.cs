using System.Net;
using System.Net.Sockets;
using Wherry.Docker.Connection;

namespace Wherry.Docker.Tests;

public sealed class EngineProblemsTests
{
    [Theory]
    [InlineData("container", 404, "No such container: web", "docker/not-found")]
    [InlineData("container", 404, "No such image: redis:7", "image/not-found")]
    [InlineData("container", 404, "network shop_default not found", "docker/not-found")]
    [InlineData("container", 409, "Conflict. The container name \"/web\" is already in use by container", "docker/conflict")]
    [InlineData("container", 500, "driver failed programming external connectivity: Bind for 0.0.0.0:80 failed: port is already allocated", "docker/port-taken")]
    [InlineData("container", 500, "listen tcp4 0.0.0.0:80: bind: address already in use", "docker/port-taken")]
    [InlineData("container", 500, "mkdir /var/lib/docker/overlay2/x: no space left on device", "docker/disk-full")]
    [InlineData("container", 400, "failed to create shim: OCI runtime create failed: exec: \"serve\": executable file not found in $PATH: unknown", "docker/command-not-found")]
    [InlineData("container", 400, "invalid mount config for type \"bind\"", "docker/refused")]
    [InlineData("container", 500, "something broke", "docker/failed")]
    [InlineData("image", 404, "manifest for redis:99 not found: manifest unknown: manifest unknown", "image/not-found")]
    [InlineData("image", 404, "pull access denied for x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied", "image/not-found")]
    [InlineData("image", 500, "Head \"https://ghcr.io/v2/a/b/manifests/1\": unauthorized", "image/denied")]
    [InlineData("image", 500, "Get \"http://localhost:5000/v2/\": no basic auth credentials", "image/denied")]
    [InlineData("image", 500, "denied: requested access to the resource is denied", "image/denied")]
    [InlineData("image", 500, "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host", "image/registry-unreachable")]
    [InlineData("image", 500, "Get \"https://r.example/v2/\": x509: certificate signed by unknown authority", "image/registry-unreachable")]
    [InlineData("image", 409, "conflict: unable to remove repository reference", "docker/conflict")]
    [InlineData("volume", 409, "remove v: volume is in use", "docker/conflict")]
    [InlineData("network", 404, "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network", "docker/address-pools")]
    [InlineData("network", 400, "all predefined address pools have been fully subnetted", "docker/address-pools")]
    [InlineData("engine", 400, "client version 1.51 is too new. Maximum supported API version is 1.41", "docker/version-too-old")]
    [InlineData("engine", 400, "client version 1.41 is too old. Minimum supported API version is 1.44", "docker/version-too-old")]
    public void Each_failure_has_its_code_names_its_object_and_keeps_the_engines_words(string kind, int status, string words, string code)
    {
        var problem = EngineProblems.Of(new(kind, "the-name"), (HttpStatusCode)status, words);

        Assert.Equal(code, problem.Code);
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Hint);
        if (code is not ("docker/port-taken" or "docker/version-too-old"))
        {
            Assert.Contains("the-name", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_socket_that_may_not_be_opened_gives_another_hint_than_one_that_is_not_there()
    {
        var denied = EngineProblems.Unreachable(EngineEndpoint.Local, new HttpRequestException("x", new SocketException((int)SocketError.AccessDenied)));
        var absent = EngineProblems.Unreachable(EngineEndpoint.Local, new HttpRequestException("x", new SocketException((int)SocketError.ConnectionRefused)));

        Assert.Contains("group `docker`", denied.Hint, StringComparison.Ordinal);
        Assert.Contains("Start the engine", absent.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"message":"No such container: x"}""", "No such container: x")]
    [InlineData("<html>Bad Gateway</html>", "<html>Bad Gateway</html>")]
    [InlineData("page not found\n", "page not found")]
    [InlineData("", "status 502")]
    [InlineData("{}", "{}")]
    public void The_engines_words_are_found_in_whatever_it_sends(string body, string words) => Assert.Equal(words, EngineWords.Read(body, HttpStatusCode.BadGateway));
}
