using System.Security.Cryptography;
using System.Text;
using Wherry.Core.Problems;

namespace Wherry.Server.Secrets;

/// <summary>Encrypts what must not be read from the store's file: AES-256-GCM under a key file of mode 0600. A sealed value is nonce, tag, ciphertext.</summary>
public sealed class Sealer
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _key;

    private Sealer(byte[] key) => _key = key;

    /// <summary>Reads the key, or makes one when there is none yet.</summary>
    /// <exception cref="ProblemException"><c>secret/key</c> when the file is not a key.</exception>
    public static Sealer Open(string folder)
    {
        var file = Path.Combine(folder, "secrets.key");
        KeyFile.Ensure(file, () => RandomNumberGenerator.GetBytes(32));
        var key = File.ReadAllBytes(file);
        return key.Length == 32
            ? new Sealer(key)
            : throw new Problem("secret/key", $"{file} is not a key of 32 bytes.", "Put back the original file: without it the stored secrets cannot be read.").AsException();
    }

    public byte[] Seal(string text) => Seal(Encoding.UTF8.GetBytes(text));

    public byte[] Seal(byte[] plain)
    {
        var box = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes));
        return box;
    }

    public string UnsealText(byte[] box) => Encoding.UTF8.GetString(Unseal(box));

    /// <exception cref="ProblemException"><c>secret/unreadable</c> when another key sealed it, or the store was changed.</exception>
    public byte[] Unseal(byte[] box)
    {
        if (box.Length < NonceBytes + TagBytes)
        {
            throw Unreadable(null);
        }

        var plain = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_key, TagBytes);
        try
        {
            aes.Decrypt(box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), plain);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw Unreadable(e);
        }

        return plain;
    }

    private static ProblemException Unreadable(Exception? cause) =>
        new Problem("secret/unreadable", "A stored secret cannot be decrypted.", "The key in keys/secrets.key is not the one it was sealed with: put the original back.").AsException(cause);
}
