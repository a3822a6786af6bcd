using System.Collections.Concurrent;
using System.Security.Cryptography;
using Wherry.Core.Model;
using Wherry.Server.Access;

namespace Wherry.Server.Git;

/// <summary>Pushes that are being received: ties what Git's hook says to who pushed.</summary>
internal sealed class PushRegistry
{
    private readonly ConcurrentDictionary<string, Push> _pushes = new();
    private readonly ConcurrentDictionary<(string Repository, string Ref), Push> _claims = new();

    /// <summary>Opens a push. Dispose it when Git has ended, so that its claims are free again.</summary>
    /// <param name="caller">Who pushes.</param>
    /// <param name="project">To what.</param>
    /// <param name="repository">Folder of the project's bare repository.</param>
    /// <param name="gone">Cancelled when the pusher leaves.</param>
    public Push Open(Caller caller, ProjectName project, string repository, CancellationToken gone)
    {
        var push = new Push(this, RandomNumberGenerator.GetHexString(32, lowercase: true), caller, project, repository, gone);
        _pushes[push.Id] = push;
        return push;
    }

    public Push? Find(string id) => _pushes.GetValueOrDefault(id);

    /// <summary>One push at a time may move a ref, from before its deployment until Git has moved it.</summary>
    /// <returns><see langword="false"/> when another push has it.</returns>
    public bool Claim(Push push, string name) => _claims.GetOrAdd((push.Repository, name), push) == push;

    private void Close(Push push)
    {
        _pushes.TryRemove(push.Id, out _);
        foreach (var claim in _claims.Where(c => c.Value == push))
        {
            _claims.TryRemove(claim);
        }
    }

    /// <param name="Id">Known to this push's hook only.</param>
    /// <param name="Repository">Folder of the project's bare repository.</param>
    /// <param name="Gone">Cancelled when the pusher leaves.</param>
    internal sealed record Push(PushRegistry Registry, string Id, Caller Caller, ProjectName Project, string Repository, CancellationToken Gone) : IDisposable
    {
        public void Dispose() => Registry.Close(this);
    }
}

/// <summary>A ref that a push wants to move.</summary>
/// <param name="Old">Hash it has; zeros when it is new.</param>
/// <param name="New">Hash it gets; zeros when it is deleted.</param>
/// <param name="Name">For instance <c>refs/heads/main</c>.</param>
internal sealed record RefUpdate(string Old, string New, string Name)
{
    private const string Branches = "refs/heads/";

    public bool Deletes => New.All(c => c == '0');

    public bool Creates => Old.All(c => c == '0');

    /// <summary>Its branch; <see langword="null"/> for a tag or anything else.</summary>
    public string? Branch => Name.StartsWith(Branches, StringComparison.Ordinal) ? Name[Branches.Length..] : null;
}
