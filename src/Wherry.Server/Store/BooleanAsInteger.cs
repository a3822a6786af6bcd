using System.Data;
using System.Globalization;
using Dapper;

namespace Wherry.Server.Store;

/// <summary>Yes and no are kept as 1 and 0: the same on every database.</summary>
internal sealed class BooleanAsInteger : SqlMapper.TypeHandler<bool>
{
    public override void SetValue(IDbDataParameter parameter, bool value)
    {
        parameter.DbType = DbType.Int64;
        parameter.Value = value ? 1L : 0L;
    }

    public override bool Parse(object value) => Convert.ToBoolean(value, CultureInfo.InvariantCulture);
}
