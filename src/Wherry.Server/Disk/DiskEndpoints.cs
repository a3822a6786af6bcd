using Wherry.Client;
using Wherry.Server.Access;

namespace Wherry.Server.Disk;

/// <summary>What the disks hold, and cleaning them up.</summary>
internal static class DiskEndpoints
{
    public static void AddDisk(this IServiceCollection services) => services
        .AddSingleton<DiskLook>()
        .AddSingleton<DiskUses>()
        .AddSingleton<DiskStore>()
        .AddSingleton<UnneededImages>()
        .AddSingleton<UnneededFiles>()
        .AddSingleton<DiskCleanUp>()
        .AddSingleton<DiskWatch>()
        .AddHostedService(s => s.GetRequiredService<DiskWatch>());

    public static void MapDisk(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/disk", ShowAsync).Needs(TokenScope.Read);
        app.MapPost("/api/v1/disk/clean", CleanAsync).Needs(TokenScope.Admin);
    }

    private static async Task<DiskReport> ShowAsync(DiskLook disks, DiskUses uses, CancellationToken ct) => new(await disks.LookAsync(ct), await uses.MeasureAsync(ct));

    private static Task<DiskCleaned> CleanAsync(DiskCleanUp cleanUp, ServerOptions options, bool? dryRun, bool? buildCache, CancellationToken ct) =>
        cleanUp.CleanAsync(dryRun ?? false, isShort: true, buildCache is true ? Core.Model.ByteSize.Of(0) : options.Disk.BuildCacheMax, ct);
}
