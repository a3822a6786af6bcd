namespace Wherry.Server.Secrets;

/// <summary>A file under <c>keys/</c>: made once, mode 0600.</summary>
internal static class KeyFile
{
    /// <summary>Makes the file unless it is there. It appears whole or not at all, and is on the disk before this returns.</summary>
    /// <param name="file">Its path; the folder exists.</param>
    /// <param name="make">Its content; only called for a new file.</param>
    public static void Ensure(string file, Func<byte[]> make)
    {
        if (File.Exists(file))
        {
            return;
        }

        var fresh = file + ".new";
        using (var stream = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            stream.Write(make());
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, file);
    }
}
