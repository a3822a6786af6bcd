using System.Text;

namespace Wherry.Cli.Completion;

/// <summary>Completion scripts. Static text: pressing Tab starts no program.</summary>
internal static class ShellScripts
{
    public static string Bash(IReadOnlyList<CompletionNode> tree)
    {
        var cases = new StringBuilder();
        foreach (var node in tree)
        {
            cases.Append($"    '{node.Path}') words='{string.Join(' ', node.Commands.Concat(node.Options).Select(w => w.Name))}' ;;\n");
        }

        return $$"""
            # bash completion for wherry, made by `wherry completion bash`
            _wherry() {
              local current=${COMP_WORDS[COMP_CWORD]} path='' word words=''
              for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case " {{Paths(tree)}} " in *" ${path:+${path// /_}_}$word "*) path="${path:+$path }$word" ;; esac
              done
              case "$path" in
            {{cases}}  esac
              COMPREPLY=($(compgen -W "$words" -- "$current"))
              [ "${#COMPREPLY[@]}" -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
            }
            complete -F _wherry wherry

            """;
    }

    public static string Zsh(IReadOnlyList<CompletionNode> tree)
    {
        var cases = new StringBuilder();
        foreach (var node in tree)
        {
            var words = string.Join(' ', node.Commands.Concat(node.Options).Select(w => $"'{w.Name}:{w.Text}'"));
            cases.Append($"    '{node.Path}') items=({words}) ;;\n");
        }

        return $$"""
            #compdef wherry
            # zsh completion for wherry, made by `wherry completion zsh`
            _wherry() {
              local path_='' word
              local -a items
              for word in "${(@)words[2,CURRENT-1]}"; do
                case " {{Paths(tree)}} " in *" ${path_:+${path_// /_}_}$word "*) path_="${path_:+$path_ }$word" ;; esac
              done
              case "$path_" in
            {{cases}}  esac
              _describe 'wherry' items || _files
            }
            _wherry "$@"

            """;
    }

    public static string Fish(IReadOnlyList<CompletionNode> tree)
    {
        var lines = new StringBuilder("# fish completion for wherry, made by `wherry completion fish`\ncomplete -c wherry -f\n");
        var top = string.Join(' ', tree[0].Commands.Select(c => c.Name));
        foreach (var node in tree)
        {
            var condition = Condition(node, top);
            foreach (var (name, text) in node.Commands)
            {
                lines.Append($"complete -c wherry -n '{condition}' -a '{name}' -d '{text}'\n");
            }

            foreach (var (name, text) in node.Options)
            {
                lines.Append($"complete -c wherry -n '{condition}' -l '{name.TrimStart('-')}' -d '{text}'\n");
            }
        }

        return lines.ToString();
    }

    private static string Condition(CompletionNode node, string top)
    {
        var words = node.Path.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            [] => $"not __fish_seen_subcommand_from {top}",
            [var one] when node.Commands.Count > 0 => $"__fish_seen_subcommand_from {one}; and not __fish_seen_subcommand_from {string.Join(' ', node.Commands.Select(c => c.Name))}",
            _ => string.Join("; and ", words.Select(w => $"__fish_seen_subcommand_from {w}")),
        };
    }

    private static string Paths(IReadOnlyList<CompletionNode> tree) => string.Join(' ', tree.Where(n => n.Path.Length > 0).Select(n => n.Path.Replace(' ', '_')));
}
