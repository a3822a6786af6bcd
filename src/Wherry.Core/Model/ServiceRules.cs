namespace Wherry.Core.Model;

/// <summary>What the edge does for a service as a whole: keys of <c>x-wherry</c> beside <c>routes</c>.</summary>
public sealed record ServiceRules
{
    /// <summary><c>x-wherry.error_pages</c>: HTML for the edge's own answers, by status (<c>503</c>) or class (<c>5xx</c>), with <c>{{message}}</c>, <c>{{status}}</c>, <c>{{title}}</c> and <c>{{request}}</c>. Default: the edge's pages.</summary>
    public IReadOnlyDictionary<string, string>? ErrorPages { get; set; }
}
