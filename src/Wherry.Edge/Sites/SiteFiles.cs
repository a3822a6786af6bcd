using System.Collections.Frozen;
using System.IO.Enumeration;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Net.Http.Headers;
using Wherry.Core.Model;
using Wherry.Edge.Proxying;

namespace Wherry.Edge.Sites;

/// <summary>The files of one release. What is served was listed when the release came: a path that is not on the list leads nowhere, whatever it says, and links are not on it.</summary>
internal sealed class SiteFiles
{
    private const string Index = "index.html";

    /// <summary>Beside a file, the same in another coding; the better one first.</summary>
    private static readonly (string Coding, string Extension)[] Codings = [("br", ".br"), ("gzip", ".gz")];

    private static readonly FileExtensionContentTypeProvider Types = new();

    /// <summary>All that answering with a file asks for.</summary>
    private static readonly ServiceProvider Services = new ServiceCollection().AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).BuildServiceProvider();

    private readonly FilesRule _rule;
    private readonly FrozenDictionary<string, SiteFile> _files;

    private SiteFiles(FilesRule rule, FrozenDictionary<string, SiteFile> files) => (_rule, _files) = (rule, files);

    public static SiteFiles Of(DirectoryInfo folder, FilesRule rule)
    {
        var found = new FileSystemEnumerable<SiteFile>(folder.FullName, (ref FileSystemEntry e) => new SiteFile(e.ToFullPath()), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
        {
            ShouldIncludePredicate = (ref FileSystemEntry e) => !e.IsDirectory,
        };
        return new(rule, found.ToFrozenDictionary(f => "/" + Path.GetRelativePath(folder.FullName, f.Path), StringComparer.Ordinal));
    }

    /// <summary>Answers with a file, where there is one for this path.</summary>
    /// <param name="request">Being answered.</param>
    /// <param name="pathAndQuery">As a target would see it.</param>
    /// <returns>False when the service's targets shall answer.</returns>
    public async Task<bool> AnswersAsync(EdgeRequest request, string pathAndQuery)
    {
        var http = request.Http;
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            return false;
        }

        var query = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var asSent = query < 0 ? pathAndQuery : pathAndQuery[..query];
        if (asSent.Contains("%2f", StringComparison.OrdinalIgnoreCase))
        {
            return false; // its route, and with it the rules, was chosen with the slash encoded; no file's name has one
        }

        var path = Uri.UnescapeDataString(asSent);
        var name = path.EndsWith('/') ? path + Index : path;
        if (_files.ContainsKey(name))
        {
            await SendAsync(request, name);
            return true;
        }

        if (_files.ContainsKey($"{path}/{Index}"))
        {
            var asked = RequestPath.AsSent(http);
            var end = asked.IndexOf('?', StringComparison.Ordinal);
            Redirects.Write(http, end < 0 ? asked + "/" : $"{asked[..end]}/{asked[end..]}", permanent: false);
            return true;
        }

        // A page of the application has an address of its own, but no file.
        if (_rule.Spa && _files.ContainsKey("/" + Index) && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            await SendAsync(request, "/" + Index);
            return true;
        }

        return false;
    }

    private async Task SendAsync(EdgeRequest request, string name)
    {
        var http = request.Http;
        var file = _files[name];
        var headers = http.Response.Headers;
        var codings = Array.FindAll(Codings, c => _files.ContainsKey(name + c.Extension));
        if (codings.Length > 0)
        {
            headers.Vary = "Accept-Encoding";
            var taken = Array.Find(codings, c => Takes(http.Request, c.Coding));
            if (taken.Coding is not null)
            {
                headers.ContentEncoding = taken.Coding;
                file = _files[name + taken.Extension];
            }
        }

        headers.CacheControl = _rule.Immutable?.Any(prefix => name.StartsWith(prefix.TrimEnd('/') + "/", StringComparison.Ordinal)) == true ? "public, max-age=31536000, immutable" : "no-cache";
        headers.XContentTypeOptions = "nosniff";
        if (request.Policy?.Rules is { } rules)
        {
            ForwardTransformer.Change(headers, rules);
        }

        http.RequestServices = Services;
        var tag = await file.TagAsync(http.RequestAborted);
        await TypedResults.PhysicalFile(file.Path, TypeOf(name), entityTag: tag, enableRangeProcessing: true).ExecuteAsync(http);
    }

    private static string TypeOf(string name) => !Types.TryGetContentType(name, out var type) ? "application/octet-stream"
        : type.StartsWith("text/", StringComparison.Ordinal) || type == "application/javascript" ? $"{type}; charset=utf-8"
        : type;

    private static bool Takes(HttpRequest request, string coding) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var all) && all.Any(c => c.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && c.Quality is null or > 0);

    /// <summary>One file.</summary>
    private sealed class SiteFile(string path)
    {
        private EntityTagHeaderValue? _tag;

        public string Path => path;

        /// <summary>Of its content; found out when somebody first asks for it.</summary>
        public async Task<EntityTagHeaderValue> TagAsync(CancellationToken ct)
        {
            if (_tag is { } known)
            {
                return known;
            }

            await using var content = new FileStream(path, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
            return _tag = new($"\"{Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct))[..32]}\"");
        }
    }
}
