namespace Coriolis.Providers.Aws.Morphing.Boot;

/// <summary>Lets network cards keep the names that the kernel gives them, eth0 and so on, on any machine.</summary>
internal static class KernelCardNames
{
    private const string Word = "net.ifnames=0";

    /// <summary>Turns off what renames cards after their place in the machine.</summary>
    public static async Task UseAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        // Alpine has no udev, and nothing that renames cards.
        var renames = await editor.ExistsAsync("/usr/lib/udev/rules.d", cancellationToken).ConfigureAwait(false)
            || await editor.ExistsAsync("/lib/udev/rules.d", cancellationToken).ConfigureAwait(false);
        if (renames && !await KernelCommandLine.AddAsync(editor, Word, "network cards are called eth0, eth1… on any machine", cancellationToken).ConfigureAwait(false))
            editor.Warn($"The network configuration is for cards called eth0, eth1…; start the kernel with {Word}.");
    }
}
