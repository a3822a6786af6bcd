using Google.Protobuf;

namespace Wherry.Docker;

/// <summary>Walks the fields of a protobuf message without generated code.</summary>
internal static class ProtoFields
{
    /// <param name="take">Reads the field with this number and returns <see langword="true"/>, or leaves it to be skipped.</param>
    public static void Read(byte[] message, Func<int, CodedInputStream, bool> take)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (!take(WireFormat.GetTagFieldNumber(tag), input))
            {
                input.SkipLastField();
            }
        }
    }

    /// <summary>A <c>google.protobuf.Timestamp</c>.</summary>
    public static DateTimeOffset Timestamp(ByteString bytes)
    {
        var at = DateTimeOffset.UnixEpoch;
        Read(bytes.ToByteArray(), (field, input) =>
        {
            at = field switch
            {
                1 => at.AddSeconds(input.ReadInt64()),
                2 => at.AddTicks(input.ReadInt32() / TimeSpan.NanosecondsPerTick),
                _ => at,
            };
            return field is 1 or 2;
        });
        return at;
    }
}
