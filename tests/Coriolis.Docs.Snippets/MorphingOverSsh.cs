using Coriolis.Morphing.Runs;
using Coriolis.Morphing.Ssh;

namespace Coriolis.Docs.Snippets;

internal static class MorphingOverSsh
{
    public static async Task<GuestMorphResult> MorphAsync(
        GuestMorphing morphing, (string Address, string PrivateKey, string HostKey) worker, CancellationToken cancellationToken)
    {
        // snippet: morphing-over-ssh
        var options = new SshGuestOptions
        {
            Host = worker.Address,
            PrivateKey = worker.PrivateKey,
            HostKey = worker.HostKey, // the line of its /etc/ssh/ssh_host_ed25519_key.pub
            Directory = "/mnt/guest",
        };
        using var guest = await SshGuestRoot.ConnectAsync(options, cancellationToken: cancellationToken);
        var request = new MountedGuestMorphRequest { ReportPath = "web-1.json" };
        var planned = await morphing.MorphMountedAsync(guest, request with { DryRun = true }, cancellationToken);
        var result = await morphing.MorphMountedAsync(guest, request, cancellationToken);
        // ... and to take it back: await morphing.UndoMountedAsync(guest, "web-1.json", cancellationToken);
        // end snippet

        return planned.Files.Count == result.Files.Count ? result : planned;
    }
}
