namespace Wherry.Compose.Merging;

/// <summary>How the values of one key in two files become one.</summary>
internal enum MergeRule
{
    /// <summary>Mappings key by key, lists one after the other, everything else replaced.</summary>
    Plain,

    /// <summary>The later file's value.</summary>
    Replace,

    /// <summary>Names with values, as a mapping or as a list of <c>name=value</c>: by name.</summary>
    Pairs,

    /// <summary>Hosts with addresses: a host that the later file names loses its earlier addresses.</summary>
    Hosts,

    /// <summary>Names, as a list or as a mapping with more about each: by name.</summary>
    Names,

    /// <summary>As <see cref="Names"/>; a name alone means the condition <c>service_started</c>.</summary>
    Dependencies,

    /// <summary>One text or a list of them, each once.</summary>
    Texts,

    /// <summary>A list whose entries have a key of their own (<see cref="ItemKeys"/>): the later file's entry takes the place of the earlier one.</summary>
    Items,

    /// <summary>A text that stands for <c>context</c>, or a mapping.</summary>
    Build,

    /// <summary>Mappings as usual, but those of another <c>driver</c> are replaced.</summary>
    Driver,

    /// <summary>Two mappings as usual, anything else replaced.</summary>
    Limit,
}

/// <summary>The rules by key. What is not here is <see cref="MergeRule.Plain"/>.</summary>
internal static class MergeRules
{
    private static readonly Dictionary<string, MergeRule> Rules = new(StringComparer.Ordinal)
    {
        ["services.*.annotations"] = MergeRule.Pairs,
        ["services.*.build"] = MergeRule.Build,
        ["services.*.build.additional_contexts"] = MergeRule.Pairs,
        ["services.*.build.args"] = MergeRule.Pairs,
        ["services.*.build.extra_hosts"] = MergeRule.Hosts,
        ["services.*.build.labels"] = MergeRule.Pairs,
        ["services.*.build.secrets"] = MergeRule.Items,
        ["services.*.build.tags"] = MergeRule.Texts,
        ["services.*.cap_add"] = MergeRule.Texts,
        ["services.*.cap_drop"] = MergeRule.Texts,
        ["services.*.command"] = MergeRule.Replace,
        ["services.*.configs"] = MergeRule.Items,
        ["services.*.depends_on"] = MergeRule.Dependencies,
        ["services.*.deploy.labels"] = MergeRule.Pairs,
        ["services.*.devices"] = MergeRule.Items,
        ["services.*.dns"] = MergeRule.Texts,
        ["services.*.dns_opt"] = MergeRule.Texts,
        ["services.*.dns_search"] = MergeRule.Texts,
        ["services.*.entrypoint"] = MergeRule.Replace,
        ["services.*.env_file"] = MergeRule.Items,
        ["services.*.environment"] = MergeRule.Pairs,
        ["services.*.expose"] = MergeRule.Texts,
        ["services.*.extra_hosts"] = MergeRule.Hosts,
        ["services.*.group_add"] = MergeRule.Texts,
        ["services.*.healthcheck.test"] = MergeRule.Replace,
        ["services.*.label_file"] = MergeRule.Texts,
        ["services.*.labels"] = MergeRule.Pairs,
        ["services.*.links"] = MergeRule.Texts,
        ["services.*.logging"] = MergeRule.Driver,
        ["services.*.models"] = MergeRule.Names,
        ["services.*.networks"] = MergeRule.Names,
        ["services.*.networks.*.aliases"] = MergeRule.Texts,
        ["services.*.networks.*.link_local_ips"] = MergeRule.Texts,
        ["services.*.ports"] = MergeRule.Items,
        ["services.*.profiles"] = MergeRule.Texts,
        ["services.*.provider"] = MergeRule.Driver,
        ["services.*.secrets"] = MergeRule.Items,
        ["services.*.security_opt"] = MergeRule.Texts,
        ["services.*.sysctls"] = MergeRule.Pairs,
        ["services.*.tmpfs"] = MergeRule.Texts,
        ["services.*.ulimits.*"] = MergeRule.Limit,
        ["services.*.volumes"] = MergeRule.Items,
        ["networks.*.labels"] = MergeRule.Pairs,
        ["volumes.*.labels"] = MergeRule.Pairs,
        ["secrets.*.labels"] = MergeRule.Pairs,
        ["configs.*.labels"] = MergeRule.Pairs,
    };

    public static MergeRule Of(MergePath path) => Rules.GetValueOrDefault(path.Pattern);

    /// <summary>A list of our own says the whole: a route or a stage more is seldom what the later file means.</summary>
    public static bool ReplacesLists(MergePath path) => path.Pattern.StartsWith("services.*.x-wherry.", StringComparison.Ordinal);
}
