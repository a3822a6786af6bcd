using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Certificates;

namespace Wherry.Edge.Control;

/// <summary>The control API's calls about certificates.</summary>
internal sealed class CertificateCalls(CertificateFolder uploaded, AutomaticCertificates? automatic, InternalAuthority authority)
{
    public Task ListAsync(HttpContext http) => ControlApi.AnswerAsync(http, StatusCodes.Status200OK, [.. uploaded.GetStates(), .. automatic?.GetStates() ?? []], EdgeJson.Default.IReadOnlyListCertificateState);

    public async Task PutAsync(HttpContext http, string name)
    {
        var upload = await ControlApi.ReadAsync(http, EdgeJson.Default.UploadCertificate) is { Chain: not null, Key: not null } given ? given : throw new JsonException("chain and key are needed");
        await ControlApi.AnswerAsync(http, StatusCodes.Status200OK, uploaded.Put(name, upload), EdgeJson.Default.CertificateState);
    }

    public void Remove(HttpContext http, string name)
    {
        uploaded.Remove(name);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Gives the account at the public authority a new key.</summary>
    public async Task RollKeyAsync(HttpContext http)
    {
        var from = automatic ?? throw new Problem("acme/none", "No authority signs certificates here, so there is no account.", "Name one: `wherry up --acme-email`.").AsException();
        await ControlApi.AnswerAsync(http, StatusCodes.Status200OK, new(await from.RollKeyAsync(http.RequestAborted)), EdgeJson.Default.AcmeKeyRolled);
    }

    /// <summary>The root of the edge's own authority.</summary>
    public Task WriteRootAsync(HttpContext http)
    {
        http.Response.ContentType = "application/x-pem-file";
        return http.Response.WriteAsync(authority.RootPem, http.RequestAborted);
    }
}
