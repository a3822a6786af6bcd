using System.Text.RegularExpressions;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary>How a container is kept apart from its host.</summary>
internal static partial class IsolationReader
{
    public static Isolation? Read(Fields f, ServiceContext service)
    {
        var isolation = new Isolation
        {
            ReadOnly = f["read_only"]?.Bool() ?? false,
            SecurityOpt = Lists.Filled(f["security_opt"], i => ReadOption(i, service)),
            GroupAdd = Lists.Filled(f["group_add"], i => i.Filled()),
            Sysctls = Lists.Pairs(f["sysctls"]),
            DeviceCgroupRules = Lists.Filled(f["device_cgroup_rules"], ReadRule),
            StorageOpt = Lists.Pairs(f["storage_opt"]),
            Runtime = f["runtime"]?.Stated(),
            Cgroup = f["cgroup"]?.OneOf("host", "private"),
            CgroupParent = f["cgroup_parent"]?.Stated(),
            Uts = f["uts"]?.OneOf("host"),
            UsernsMode = f["userns_mode"]?.OneOf("host"),
        };
        return isolation == new Isolation() ? null : isolation;
    }

    /// <summary>A seccomp profile is a file of the source; the engine takes its content.</summary>
    private static string? ReadOption(Field field, ServiceContext service)
    {
        if (field.Stated() is not { } text)
        {
            return null;
        }

        var (name, value) = Split(text);
        if (name != "seccomp" || value is "unconfined" or "builtin" || !service.IsActive)
        {
            return text == "systempaths:unconfined" ? "systempaths=unconfined" : text;
        }

        var profile = field.Try(() => service.SourceOf(field).FindText(value) ?? throw new Problem("compose/file-missing", $"{Problem.Quoted(value)} is not in the source", "Add the seccomp profile to the source, or write seccomp=unconfined.").AsException());
        return profile is null ? null : $"seccomp={profile}";
    }

    private static (string Name, string Value) Split(string text)
    {
        var at = text.AsSpan().IndexOfAny('=', ':');
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }

    private static string? ReadRule(Field field)
    {
        var text = field.Stated();
        if (text is null || Rule().IsMatch(text))
        {
            return text;
        }

        field.Wrong($"{field.Shown} is not a rule for devices", "Write it as c 1:3 mr, or a *:* rwm.");
        return null;
    }

    [GeneratedRegex(@"\A[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}\z")]
    private static partial Regex Rule();
}
