using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Wherry.Client;
using Wherry.Server.Access;
using Wherry.Server.Deployments;

namespace Wherry.Server.Certificates;

/// <summary>Certificates that the edge serves, and what each host is served with. The edge keeps them; the server keeps none, and no answer ever holds a key.</summary>
internal static class CertificateEndpoints
{
    public static void AddCertificates(this IServiceCollection services) => services
        .AddSingleton<CertificateControl>()
        .AddSingleton<DomainView>()
        .AddSingleton<CertificateWatch>()
        .AddHostedService(s => s.GetRequiredService<CertificateWatch>());

    public static void MapCertificates(this IEndpointRouteBuilder app)
    {
        // Of the whole server: no project owns one.
        var certificates = app.MapGroup("/api/v1/certificates").WithTags("certificates").Needs(TokenScope.Admin);
        certificates.MapGet("", ListAsync);
        certificates.MapPut("{name}", AddAsync);
        certificates.MapDelete("{name}", RemoveAsync);
        certificates.MapPost("roll-key", RollKeyAsync);
        app.MapGet("/api/v1/authority", AuthorityAsync).WithTags("certificates").Needs(TokenScope.Read);
        app.MapGet("/api/v1/domains", DomainsAsync).WithTags("certificates").Needs(TokenScope.Read);
    }

    private static async Task<Ok<IReadOnlyList<Certificate>>> ListAsync([FromServices] CertificateControl control, CancellationToken ct) => TypedResults.Ok(await control.ListAsync(ct));

    private static async Task<Ok<Certificate>> AddAsync(Caller caller, string name, AddCertificate body, [FromServices] CertificateControl control, CancellationToken ct) =>
        TypedResults.Ok(await control.AddAsync(caller, name, body, ct));

    private static async Task<NoContent> RemoveAsync(Caller caller, string name, [FromServices] CertificateControl control, CancellationToken ct)
    {
        await control.RemoveAsync(caller, name, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<AcmeAccount>> RollKeyAsync(Caller caller, [FromServices] CertificateControl control, CancellationToken ct) => TypedResults.Ok(await control.RollKeyAsync(caller, ct));

    private static async Task<Ok<Authority>> AuthorityAsync([FromServices] EdgeClient edge, CancellationToken ct) => TypedResults.Ok(new Authority(await edge.AuthorityAsync(ct)));

    private static async Task<Ok<IReadOnlyList<Domain>>> DomainsAsync(Caller caller, [FromServices] DomainView view, CancellationToken ct) => TypedResults.Ok(await view.OfTeamAsync(caller.Team, ct));
}
