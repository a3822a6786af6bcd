using System.Net.Mail;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Wherry.Core.Problems;
using Wherry.Edge.Files;

namespace Wherry.Edge.Acme;

/// <summary>The account as its file keeps it.</summary>
internal sealed record SavedAccount(Uri Directory, string Kid, IReadOnlyList<string> Contacts);

/// <summary>The edge's account at one authority: registered when first needed, and anew when the authority has forgotten it.</summary>
internal sealed class AcmeAccount(AcmeTransport transport, AcmeOptions options) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly string _folder = Path.Combine(options.Home, "accounts", $"{options.Directory.Host}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(options.Directory.AbsoluteUri)))[..8]}");
    private AccountKey? _key;
    private string? _kid;

    private string KeyPath => Path.Combine(_folder, "key.pem");

    private string NextKeyPath => Path.Combine(_folder, "key.rolling.pem");

    private string AccountPath => Path.Combine(_folder, "account.json");

    /// <summary>Posts in the account's name. An account that the authority has forgotten is registered again, once.</summary>
    public async Task<AcmeAnswer> PostAsync(Uri url, byte[] payload, CancellationToken ct)
    {
        var (key, kid) = await EnsureAsync(ct);
        try
        {
            return await transport.PostAsync(url, nonce => key.Sign(new("ES256", url, nonce, kid), payload), ct);
        }
        catch (ProblemException e) when (e.Problem.Code == AcmeProblems.AccountUnknown)
        {
            await ForgetAsync(kid, ct);
            (key, kid) = await EnsureAsync(ct);
            return await transport.PostAsync(url, nonce => key.Sign(new("ES256", url, nonce, kid), payload), ct);
        }
    }

    public Task<AcmeAnswer> PostAsync<T>(Uri url, T payload, JsonTypeInfo<T> type, CancellationToken ct) => PostAsync(url, AccountKey.Json(payload, type), ct);

    /// <summary>Of the key that the account has now.</summary>
    public async Task<string> ThumbprintAsync(CancellationToken ct) => (await EnsureAsync(ct)).Key.Thumbprint;

    /// <summary>Gives the account a new key. A crash in the middle is mended at the next start.</summary>
    public async Task RollKeyAsync(CancellationToken ct)
    {
        var (old, kid) = await EnsureAsync(ct);
        var url = (await transport.DirectoryAsync(ct)).KeyChange;
        await _one.WaitAsync(ct);
        try
        {
            var next = AccountKey.Create(NextKeyPath);
            var change = next.Sign(new("ES256", url, Jwk: next.Jwk), AccountKey.Json(new(kid, old.Jwk), AcmeJson.Default.KeyChange));
            await transport.PostAsync(url, nonce => old.Sign(new("ES256", url, nonce, kid), AccountKey.Json(change, AcmeJson.Default.Jws)), ct);
            File.Move(NextKeyPath, KeyPath, overwrite: true);
            _key = next; // the old one may still be signing; it is collected when nobody does
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _key?.Dispose();
        _one.Dispose();
    }

    private async Task<(AccountKey Key, string Kid)> EnsureAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            await FinishRollAsync(ct);
            _key ??= File.Exists(KeyPath) ? AccountKey.Load(KeyPath) : AccountKey.Create(KeyPath);
            _kid ??= await LoadAsync(_key, ct) ?? await RegisterAsync(_key, ct);
            return (_key, _kid);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task ForgetAsync(string kid, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (_kid == kid) // else another request has registered in the meantime
            {
                _kid = null;
                File.Delete(AccountPath);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The saved account's address, with its contacts brought up to date; null when there is none that can be read.</summary>
    private async Task<string?> LoadAsync(AccountKey key, CancellationToken ct)
    {
        if (!File.Exists(AccountPath) || Read() is not { } saved)
        {
            return null;
        }

        if (!saved.Contacts.SequenceEqual(options.Contacts) && Uri.TryCreate(saved.Kid, UriKind.Absolute, out var url))
        {
            try
            {
                await transport.PostAsync(url, nonce => key.Sign(new("ES256", url, nonce, saved.Kid), AccountKey.Json(new(null, Contacts(), null), AcmeJson.Default.NewAccount)), ct);
            }
            catch (ProblemException e) when (e.Problem.Code == AcmeProblems.AccountUnknown)
            {
                return null;
            }

            Save(saved.Kid);
        }

        return saved.Kid;
    }

    private SavedAccount? Read()
    {
        try
        {
            var saved = JsonSerializer.Deserialize(File.ReadAllText(AccountPath), AcmeJson.Default.SavedAccount);
            return saved is { Kid: not null, Contacts: not null } ? saved : null;
        }
        catch (JsonException)
        {
            return null; // registering tells the address again
        }
    }

    private async Task<string> RegisterAsync(AccountKey key, CancellationToken ct)
    {
        var directory = await transport.DirectoryAsync(ct);
        if (directory.Meta is { ExternalAccountRequired: true } && options.ExternalAccount is null)
        {
            throw AcmeProblems.AccountBinding("the authority wants one and none is given").AsException();
        }

        var url = directory.NewAccount;
        var binding = options.ExternalAccount is { } external ? key.Bind(external, url) : null;
        var account = new NewAccount(options.AgreesToTerms, Contacts(), binding);
        var kid = await AskAccountAsync(key, account, ct);
        Save(kid);
        return kid;
    }

    private async Task<string> AskAccountAsync(AccountKey key, NewAccount account, CancellationToken ct)
    {
        var url = (await transport.DirectoryAsync(ct)).NewAccount;
        var answer = await transport.PostAsync(url, nonce => key.Sign(new("ES256", url, nonce, Jwk: key.Jwk), AccountKey.Json(account, AcmeJson.Default.NewAccount)), ct);
        if (answer.Read(AcmeJson.Default.AccountAnswer).Status is not "valid" and var status)
        {
            throw new Problem("acme/account-closed", $"The account at {url.Host} is {Problem.Quoted(status ?? "")}.", $"Remove {_folder}; the edge then registers a new account.").AsException();
        }

        return answer.Location?.AbsoluteUri ?? throw AcmeProblems.BadAnswer(url, "no address of the account").AsException();
    }

    /// <summary>After a crash during a roll-over only the authority knows which key it took.</summary>
    private async Task FinishRollAsync(CancellationToken ct)
    {
        if (!File.Exists(NextKeyPath))
        {
            return;
        }

        using var next = AccountKey.Load(NextKeyPath);
        try
        {
            await AskAccountAsync(next, new(null, null, null, OnlyReturnExisting: true), ct);
            File.Move(NextKeyPath, KeyPath, overwrite: true);
            _key = null;
        }
        catch (ProblemException e) when (e.Problem.Code == AcmeProblems.AccountUnknown)
        {
            File.Delete(NextKeyPath);
        }
    }

    private string[] Contacts() => [.. options.Contacts.Select(c => MailAddress.TryCreate(c, out var mail) && mail.Address == c && c.IndexOfAny([',', '?', '&', ' ']) < 0 // which a mailto address may not hold here
        ? $"mailto:{c}"
        : throw new Problem("acme/account-contact", $"{Problem.Quoted(c)} is no mail address.", "Give a mail address that exists, without a name.").AsException())];

    private void Save(string kid) => PrivateFile.Write(AccountPath, JsonSerializer.Serialize(new(options.Directory, kid, options.Contacts), AcmeJson.Default.SavedAccount), AcmeProblems.NotSaved);
}
