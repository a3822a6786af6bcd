using System.Text;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting;

/// <summary>Two ways to run a project with systemd alone: a unit around <c>docker compose</c>, and Quadlet files for Podman.</summary>
public static class SystemdExport
{
    public static Exported Of(ProjectModel model, ExportWish wish)
    {
        var compose = ComposeExport.Of(model, wish);
        var name = DnsLabel.Of(wish.Name);
        var quadlets = new QuadletWriter(model, wish);
        List<ExportedFile> podman = [.. quadlets.Write().Select(f => f with { Path = $"podman/{f.Path}" })];
        var head = ExportHead.Hashed([.. ExportHead.Lines("systemd", wish, quadlets.Losses.All, compose.Variables), "", "Copy this folder's files to /etc/containers/systemd.", .. quadlets.Creates]);
        podman[0] = podman[0] with { Content = [.. Encoding.UTF8.GetBytes(head), .. podman[0].Content] };
        return new(
            [
                new($"docker/{name}.service", Encoding.UTF8.GetBytes(Unit(name, wish, compose))),
                .. compose.Files.Select(f => f with { Path = $"docker/{f.Path}" }),
                .. podman,
            ],
            [.. compose.Losses.Select(l => $"docker: {l}"), .. quadlets.Losses.All.Select(l => $"podman: {l}")],
            compose.Variables);
    }

    private static string Unit(string name, ExportWish wish, Exported compose) => ExportHead.Hashed(ExportHead.Lines("systemd", wish, compose.Losses, compose.Variables)) + $"""
        #
        # Copy this folder to /opt/{name}, put the values into .env, and this file into /etc/systemd/system.
        [Unit]
        Description={name} by docker compose
        Requires=docker.service
        After=docker.service network-online.target
        Wants=network-online.target

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        WorkingDirectory=/opt/{name}
        ExecStart=/usr/bin/docker compose up --detach --remove-orphans --wait
        ExecReload=/usr/bin/docker compose up --detach --remove-orphans --wait
        ExecStop=/usr/bin/docker compose down
        TimeoutStartSec=15min

        [Install]
        WantedBy=multi-user.target

        """;
}
