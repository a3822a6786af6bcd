using System.Text;
using Wherry.Core.Problems;
using Wherry.Server.Secrets;

namespace Wherry.Server.Tests.Secrets;

public sealed class SealerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-test-").FullName;

    private string Key => Path.Combine(_folder, "secrets.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("s3cret")]
    [InlineData("several\nlines ä🚣\0")]
    public void What_was_sealed_comes_back_also_after_a_restart(string secret)
    {
        var box = Sealer.Open(_folder).Seal(secret);

        Assert.Equal(secret, Sealer.Open(_folder).UnsealText(box));
    }

    [Fact]
    public void A_sealed_secret_shows_nothing_and_never_looks_the_same_twice()
    {
        var sealer = Sealer.Open(_folder);
        var (one, two) = (sealer.Seal("the same secret"), sealer.Seal("the same secret"));

        Assert.NotEqual(one, two);
        Assert.DoesNotContain("secret", Encoding.Latin1.GetString(one), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_key_opens_nothing()
    {
        var box = Sealer.Open(_folder).Seal("s3cret");
        File.Delete(Key);

        Assert.Equal("secret/unreadable", Assert.Throws<ProblemException>(() => Sealer.Open(_folder).Unseal(box)).Problem.Code);
    }

    [Fact]
    public void Any_changed_byte_is_noticed()
    {
        var sealer = Sealer.Open(_folder);
        var box = sealer.Seal("s3cret");

        for (var i = 0; i < box.Length; i++)
        {
            var changed = (byte[])box.Clone();
            changed[i] ^= 1;
            Assert.Equal("secret/unreadable", Assert.Throws<ProblemException>(() => sealer.Unseal(changed)).Problem.Code);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(27)]
    public void A_value_too_short_to_be_sealed_is_unreadable_not_a_bug(int length)
    {
        Assert.Equal("secret/unreadable", Assert.Throws<ProblemException>(() => Sealer.Open(_folder).Unseal(new byte[length])).Problem.Code);
    }

    [Fact]
    public void The_key_is_for_its_owner_alone_and_a_broken_one_is_refused_not_replaced()
    {
        Sealer.Open(_folder);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key));

        File.WriteAllBytes(Key, new byte[31]);

        Assert.Equal("secret/key", Assert.Throws<ProblemException>(() => Sealer.Open(_folder)).Problem.Code);
        Assert.Equal(31, new FileInfo(Key).Length);
    }
}
