namespace Wherry.Server.Store;

/// <summary>Moments are kept as Unix milliseconds.</summary>
internal static class Timestamps
{
    public static long ToStore(this DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    public static DateTimeOffset FromStore(this long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);

    public static DateTimeOffset? FromStore(this long? at) => at is { } ms ? ms.FromStore() : null;
}
