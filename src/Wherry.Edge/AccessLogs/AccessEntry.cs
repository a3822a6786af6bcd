using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Wherry.Edge.AccessLogs;

/// <summary>One finished request.</summary>
/// <param name="Cut">Who ended it early: <c>client</c>, <c>drain</c>, <c>target</c>; else <see langword="null"/>.</param>
internal readonly record struct AccessEntry(
    DateTimeOffset Time, HttpRequest Request, string RequestId, string? Service, string? Target, string Client, int Status, long BytesIn, long BytesOut, TimeSpan Took, string? Cut)
{
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, Time);
        json.WriteString("id"u8, RequestId);
        json.WriteString("service"u8, Service);
        json.WriteString("target"u8, Target);
        json.WriteString("method"u8, Request.Method);
        json.WriteString("host"u8, Request.Host.Value);
        json.WriteString("path"u8, Request.Path.Value);
        if (Request.QueryString.HasValue)
        {
            json.WriteString("query"u8, Request.QueryString.Value);
        }

        json.WriteNumber("status"u8, Status);
        json.WriteNumber("bytesIn"u8, BytesIn);
        json.WriteNumber("bytesOut"u8, BytesOut);
        json.WriteNumber("ms"u8, Math.Round(Took.TotalMilliseconds, 3));
        json.WriteString("client"u8, Client);
        json.WriteString("protocol"u8, Request.Protocol);
        json.WriteString("agent"u8, Request.Headers.UserAgent.ToString());
        if (Cut is not null)
        {
            json.WriteString("cut"u8, Cut);
        }

        json.WriteEndObject();
    }
}
