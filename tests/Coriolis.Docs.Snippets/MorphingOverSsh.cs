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
        var result = await morphing.MorphInPlaceAsync(guest, new(), cancellationToken);
        // end snippet

        return result;
    }
}
