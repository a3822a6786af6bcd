using Wherry.Core.Problems;

namespace Wherry.Server.Sources;

/// <summary>Where an archive's entries may be: below its root, and not behind one of its own links.</summary>
internal sealed class TarPaths
{
    /// <summary>As many as the kernel follows.</summary>
    private const int MaxHops = 40;

    private readonly Dictionary<string, string> _links = [];

    /// <summary>The entry's path below the root, without <c>.</c> parts; empty for the root itself.</summary>
    /// <exception cref="ProblemException"><c>source/unsafe-path</c>.</exception>
    public string Check(string name)
    {
        if (name.Length == 0 || name.StartsWith('/') || name.Contains('\0', StringComparison.Ordinal))
        {
            throw Unsafe(name, "is not a path below the source's folder");
        }

        var parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToArray();
        if (parts.Contains(".."))
        {
            throw Unsafe(name, "leads out of its folder with \"..\"");
        }

        for (var i = 1; i < parts.Length; i++)
        {
            if (_links.ContainsKey(string.Join('/', parts[..i])))
            {
                throw Unsafe(name, "lies behind a link of the same archive");
            }
        }

        return string.Join('/', parts);
    }

    public bool IsLink(string path) => _links.ContainsKey(path);

    public void AddLink(string path, string target) => _links[path] = target;

    public bool ForgetLink(string path) => _links.Remove(path);

    /// <summary>Follows every link the way the kernel would. Only at the end all links are known, and until then nothing is written behind one.</summary>
    /// <exception cref="ProblemException"><c>source/unsafe-path</c> when one leaves the root on its way, even if it came back.</exception>
    public void CheckLinks()
    {
        foreach (var (path, target) in _links)
        {
            Follow(path, target);
        }
    }

    private void Follow(string path, string target)
    {
        var at = new List<string>(path.Split('/')[..^1]);
        var todo = new Stack<string>();
        Push(todo, path, target);
        var hops = 0;
        while (todo.TryPop(out var part))
        {
            if (part == "..")
            {
                if (at.Count == 0)
                {
                    throw Unsafe(path, $"is a link to {Problem.Quoted(target)}, which is outside of the source");
                }

                at.RemoveAt(at.Count - 1);
                continue;
            }

            at.Add(part);
            if (_links.TryGetValue(string.Join('/', at), out var next))
            {
                if (++hops > MaxHops)
                {
                    return; // a circle: it leads nowhere
                }

                at.RemoveAt(at.Count - 1);
                Push(todo, path, next);
            }
        }
    }

    private static void Push(Stack<string> todo, string path, string target)
    {
        if (target.Length == 0 || target.StartsWith('/'))
        {
            throw Unsafe(path, $"is a link to {Problem.Quoted(target)}, which is outside of the source");
        }

        foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").Reverse())
        {
            todo.Push(part);
        }
    }

    public static ProblemException Unsafe(string path, string why) =>
        new Problem("source/unsafe-path", $"The source was refused: {Problem.Quoted(path)} {why}.", "Keep everything inside the source's folder: relative links that stay in it, no absolute paths.").AsException();
}
