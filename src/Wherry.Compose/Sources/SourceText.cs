using System.Text;
using Wherry.Core.Problems;

namespace Wherry.Compose;

/// <summary>What a file of the source must be like to be read: small, and UTF-8 when it is text.</summary>
internal static class SourceText
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Decode(byte[] bytes, string path)
    {
        try
        {
            return Strict.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            var before = bytes.AsSpan(0, Math.Clamp(e.Index, 0, bytes.Length));
            throw new Problem("source/file", $"{path}:{before.Count((byte)'\n') + 1}:{before.Length - before.LastIndexOf((byte)'\n')} is not UTF-8 text.", "Save the file as UTF-8.").AsException();
        }
    }

    public static ProblemException TooLarge(string path) =>
        new Problem("source/file", $"{path} is larger than 1 MB.", "Keep configuration files small; put data into the image or a volume.").AsException();
}
