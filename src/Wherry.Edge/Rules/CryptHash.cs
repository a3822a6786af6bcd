using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Wherry.Edge.Rules;

/// <summary>Verifies passwords against hashes in crypt(5)'s form with the system's libcrypt: bcrypt, SHA-2 and yescrypt.</summary>
internal static partial class CryptHash
{
    /// <summary>At least libcrypt's <c>struct crypt_data</c>.</summary>
    private const int WorkBytes = 64 << 10;

    /// <summary>Takes tens of milliseconds of a processor, as it is meant to.</summary>
    public static bool Matches(string hash, string password)
    {
        var work = Marshal.AllocHGlobal(WorkBytes);
        try
        {
            unsafe
            {
                new Span<byte>((void*)work, WorkBytes).Clear();
            }

            var found = Marshal.PtrToStringUTF8(crypt_rn(password, hash, work, WorkBytes));
            return found is not null && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(found), Encoding.ASCII.GetBytes(hash));
        }
        finally
        {
            Marshal.FreeHGlobal(work);
        }
    }

    [LibraryImport("libcrypt.so.1", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint crypt_rn(string phrase, string setting, nint data, int size);
}
