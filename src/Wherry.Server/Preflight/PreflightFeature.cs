namespace Wherry.Server.Preflight;

internal static class PreflightFeature
{
    public static void AddPreflight(this IServiceCollection services) => services
        .AddSingleton<MachineLook>()
        .AddSingleton<NeighbourLook>()
        .AddSingleton<PreflightCheck>();
}
