using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>healthcheck</c>.</summary>
internal static class HealthcheckReader
{
    public static Healthcheck? Read(Field? field)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var test = f["test"] is { } words ? ReadTest(words) : [];
        var check = new Healthcheck(
            f["disable"]?.Bool() == true ? ["NONE"] : test,
            f["interval"]?.Duration(),
            f["timeout"]?.Duration(),
            (int?)f["retries"]?.Int(0, 10_000),
            f["start_period"]?.Duration(),
            f["start_interval"]?.Duration());
        f.Close();
        return check;
    }

    private static IReadOnlyList<string> ReadTest(Field field)
    {
        if (field.IsScalar)
        {
            return field.Filled() is { } command ? ["CMD-SHELL", command] : [];
        }

        var test = field.Texts();
        var isKnown = test switch
        {
            [] or ["NONE"] => true,
            ["CMD", _, ..] => true,
            ["CMD-SHELL", _] => true,
            _ => false,
        };
        if (!isKnown)
        {
            field.Wrong("a test is NONE, CMD with its arguments, or CMD-SHELL with one command", "Write [\"CMD\", \"pg_isready\"] or a plain string for a shell.");
        }

        return test;
    }
}
