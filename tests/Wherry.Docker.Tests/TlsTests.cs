using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wherry.Core.Problems;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Docker.Tests;

public sealed class TlsTests : IAsyncLifetime
{
    private readonly DockerHost _host;
    private readonly SourceFolder _files = new();
    private readonly X509Certificate2 _authority = Authority("wherry test authority");
    private readonly TlsForwarder _forwarder;

    public TlsTests(DockerHost host)
    {
        _host = host;
        _files.With("ca.pem", _authority.ExportCertificatePem());
        WriteClient(_authority, "");
        _forwarder = new(Issue(_authority, "engine", isServer: true), _authority);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _forwarder.DisposeAsync();
        _authority.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task An_engine_behind_tls_does_everything_that_a_local_one_does()
    {
        using var engine = Engine("127.0.0.1", TlsFiles.In(_files.Path));
        var noise = RandomNumberGenerator.GetBytes(700_000);

        Assert.True(await engine.AnswersAsync(Stop));
        Assert.Equal((await _host.Engine.InfoAsync(Stop)).Id, (await engine.InfoAsync(Stop)).Id);
        var id = await engine.Containers.CreateAsync(_host.Spec("sh", "-c", "echo over tls; sleep 60"), Stop);
        await engine.Containers.StartAsync(id, Stop);
        Assert.Equal("over tls", (await engine.Containers.LogsAsync(id, new() { Follow = true }, Stop).FirstAsync(Stop)).Text);
        await using var session = await engine.Exec.StartAsync(id, new() { Command = ["cat"], AttachStdin = true }, Stop);
        using var back = new MemoryStream();
        var writing = WriteAsync(session, noise);
        await foreach (var chunk in session.ReadAsync(Stop))
        {
            back.Write(chunk.Bytes.Span);
        }

        await writing;
        Assert.Equal(noise, back.ToArray());
        Assert.Equal(0, await session.ExitCodeAsync(Stop));
        await engine.Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, Stop);
    }

    [Fact]
    public async Task An_engine_of_another_authority_is_not_trusted()
    {
        using var other = Authority("somebody else");
        _files.With("other.pem", other.ExportCertificatePem());
        using var engine = Engine("127.0.0.1", TlsFiles.In(_files.Path) with { Authority = _files.At("other.pem") });

        await UnreachableAsync(engine);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_not_trusted()
    {
        using var engine = Engine("localhost.localdomain.invalid", TlsFiles.In(_files.Path));
        await UnreachableAsync(engine);
        using var byName = Engine("localhost", TlsFiles.In(_files.Path));
        // The certificate is for the address only.
        await UnreachableAsync(byName);
    }

    [Fact]
    public async Task A_client_of_another_authority_is_not_let_in()
    {
        using var other = Authority("somebody else");
        WriteClient(other, "foreign-");
        using var engine = Engine("127.0.0.1", new(_files.At("ca.pem"), _files.At("foreign-cert.pem"), _files.At("foreign-key.pem")));

        await UnreachableAsync(engine);
    }

    [Theory]
    [InlineData("key.pem", null)]
    [InlineData("ca.pem", null)]
    [InlineData("cert.pem", "not a certificate")]
    public async Task Files_that_cannot_be_read_are_named(string file, string? content)
    {
        File.Delete(_files.At(file));
        if (content is not null)
        {
            _files.With(file, content);
        }

        using var engine = Engine("127.0.0.1", TlsFiles.In(_files.Path));

        var e = await Assert.ThrowsAsync<ProblemException>(() => engine.InfoAsync(Stop));
        Assert.Equal("docker/tls-files", e.Problem.Code);
        Assert.Contains(_files.At(file), e.Problem.Hint, StringComparison.Ordinal);
    }

    private Engine Engine(string address, TlsFiles files) => new(EngineEndpoint.Parse($"tcp://{address}:{_forwarder.Port}", files));

    private static async Task UnreachableAsync(Engine engine)
    {
        Assert.False(await engine.AnswersAsync(Stop));
        Assert.Equal("docker/unreachable", (await Assert.ThrowsAsync<ProblemException>(() => engine.InfoAsync(Stop))).Problem.Code);
    }

    private static async Task WriteAsync(ExecSession session, byte[] bytes)
    {
        await session.WriteAsync(bytes, Stop);
        await session.CloseInputAsync();
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name, bool isServer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(isServer ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")], critical: false));
        if (isServer)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        using var bare = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }

    private void WriteClient(X509Certificate2 authority, string prefix)
    {
        using var client = Issue(authority, "client", isServer: false);
        using var key = client.GetECDsaPrivateKey()!;
        _files.With($"{prefix}cert.pem", client.ExportCertificatePem()).With($"{prefix}key.pem", key.ExportPkcs8PrivateKeyPem());
    }
}
