using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Wherry.Edge.Rules;

/// <summary>HTTP basic authentication (RFC 7617). A password that was right is remembered for a while in a form that cannot be read back; its hash is slow on purpose.</summary>
internal sealed class BasicPasswords(IReadOnlyDictionary<string, string> users, TimeProvider time)
{
    private const int MostRemembered = 1000;

    /// <summary>Compared with for a name that nobody has, so that it takes as long as a wrong password.</summary>
    private const string NobodysHash = "$2y$10$vI8aWBnW3fID.ZQ4/zo1G.q1lRps.9cGLcZEiGDMVr5yUP1KUOYTa";

    private static readonly TimeSpan RememberFor = TimeSpan.FromMinutes(5);

    /// <summary>Guessing must not take every processor.</summary>
    private static readonly SemaphoreSlim Verifying = new(Math.Max(1, Environment.ProcessorCount / 2));

    private static readonly byte[] ProcessKey = RandomNumberGenerator.GetBytes(32);

    private readonly ConcurrentDictionary<string, long> _right = new(StringComparer.Ordinal);

    public async ValueTask<bool> AllowsAsync(HttpRequest request, CancellationToken ct)
    {
        if (Read(request) is not var (user, password))
        {
            return false;
        }

        var mark = Convert.ToHexString(HMACSHA256.HashData(ProcessKey, Encoding.UTF8.GetBytes($"{user}:{password}")));
        if (_right.TryGetValue(mark, out var since) && time.GetElapsedTime(since) < RememberFor)
        {
            return true;
        }

        if (!await IsRightAsync(user, password, ct))
        {
            return false;
        }

        if (_right.Count >= MostRemembered)
        {
            _right.Clear();
        }

        _right[mark] = time.GetTimestamp();
        return true;
    }

    private async Task<bool> IsRightAsync(string user, string password, CancellationToken ct)
    {
        await Verifying.WaitAsync(ct);
        try
        {
            return await Task.Run(() => CryptHash.Matches(users.GetValueOrDefault(user, NobodysHash), password) && users.ContainsKey(user), ct);
        }
        finally
        {
            Verifying.Release();
        }
    }

    private static (string User, string Password)? Read(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            || !string.Equals(header.Scheme, "Basic", StringComparison.OrdinalIgnoreCase)
            || header.Parameter is not { Length: < 4096 } parameter)
        {
            return null;
        }

        var bytes = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, bytes, out var length))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || text.Contains('\0', StringComparison.Ordinal) ? null : (text[..colon], text[(colon + 1)..]);
    }
}
