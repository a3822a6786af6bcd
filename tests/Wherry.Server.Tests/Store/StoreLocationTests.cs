using Npgsql;
using Wherry.Core.Problems;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Store;

public sealed class StoreLocationTests
{
    [Theory]
    [InlineData("postgres://me:s3cret@db.example.com/wherry", "postgres://me@db.example.com:5432/wherry")]
    [InlineData("postgresql://me:s3cret@10.0.0.1:6543/wherry?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem", "postgres://me@10.0.0.1:6543/wherry")]
    [InlineData("postgres://me:s3cret@[::1]/wherry", "postgres://me@[::1]:5432/wherry")]
    [InlineData("postgres://me:s3cret@%2Fvar%2Frun%2Fpostgresql/wherry", "postgres://me@%2Fvar%2Frun%2Fpostgresql:5432/wherry")]
    [InlineData("postgres://me:s3cret%40%2F%3A@db/wherry", "postgres://me@db:5432/wherry")]
    public void An_address_is_read_and_shown_without_its_password(string url, string shown)
    {
        var location = StoreLocation.Parse(url);

        Assert.Equal(shown, $"{location}");
        Assert.DoesNotContain("s3cret", location.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("s3cret", new NpgsqlConnectionStringBuilder(Assert.IsType<StoreLocation.Postgres>(location).Connection).Password, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sqlite:relative.db")]
    [InlineData("mysql://me:s3cret@db/wherry")]
    [InlineData("postgres://me:s3cret@db")]
    [InlineData("postgres://db/wherry")]
    [InlineData("postgres://me:s3cret@db:0/wherry")]
    [InlineData("postgres://me:s3cret@db:99999/wherry")]
    [InlineData("postgres://me:s3cret@db,db2/wherry")]
    [InlineData("postgres://me:s3cret@db/wherry?sslmode=maybe")]
    [InlineData("postgres://me:s3cret@db/wherry?host=elsewhere")]
    [InlineData("postgres://me:s3cret@db/wherry\nx")]
    [InlineData("Host=db;Password=s3cret")]
    public void Anything_else_is_refused_without_repeating_it(string url)
    {
        var e = Assert.Throws<ProblemException>(() => StoreLocation.Parse(url));

        Assert.Equal("store/url", e.Problem.Code);
        Assert.DoesNotContain("s3cret", e.ToString(), StringComparison.Ordinal);
    }
}
