namespace Coriolis.Providers.Aws.Morphing.Network;

/// <summary>Gives a guest a network configuration that fits any card in place of the one that cloud-init wrote for the old one.</summary>
internal static class NetworkReplacement
{
    private const string RenderedWhy = "cloud-init wrote it for the old network card";
    private const string MainIfupdownFile = "/etc/network/interfaces";

    public static async Task ReplaceAsync(GuestEditor editor, bool preserveStatic, CancellationToken cancellationToken)
    {
        foreach (var style in NetworkStyles.All)
            await ReplaceAsync(editor, style, preserveStatic, cancellationToken).ConfigureAwait(false);

        await ReplaceMainIfupdownFileAsync(editor, cancellationToken).ConfigureAwait(false);
    }

    private static async Task ReplaceAsync(GuestEditor editor, NetworkStyle style, bool preserveStatic, CancellationToken cancellationToken)
    {
        var replaced = false;
        foreach (var path in await editor.ListAsync(style.Folder, cancellationToken, style.Endings).ConfigureAwait(false))
        {
            if (await editor.ReadTextAsync(path, cancellationToken).ConfigureAwait(false) is not { } text || !IsRendered(path, text, style))
                continue;

            if (preserveStatic && style.Static.IsMatch(text))
            {
                await editor.WriteAsync(path, style.Unbind(text), style.Mode, "its addresses were kept without the old card's", cancellationToken).ConfigureAwait(false);
            }
            else if (style.Replacement is null)
            {
                await editor.WriteAsync(path, style.Dhcp(path), style.Mode, RenderedWhy, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await editor.DeleteAsync(path, RenderedWhy, cancellationToken).ConfigureAwait(false);
                replaced = true;
            }
        }

        if (replaced)
            await editor.WriteAsync(style.Replacement!, style.Dhcp(style.Replacement!), style.Mode, "DHCP on every network card", cancellationToken).ConfigureAwait(false);
    }

    // Every renderer of cloud-init names it, in the file's name or in its first lines.
    private static bool IsRendered(string path, string text, NetworkStyle style)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name.StartsWith(style.Prefix, StringComparison.Ordinal)
            && path != style.Replacement
            && name != "ifcfg-lo"
            && (name.Contains("cloud-init", StringComparison.Ordinal) || IsSigned(text));
    }

    private static bool IsSigned(string text) => text.Split('\n').Take(10).Any(line =>
        line.StartsWith('#') && line.Contains("cloud-init", StringComparison.OrdinalIgnoreCase) && !line.Contains("in place of", StringComparison.Ordinal));

    // Before interfaces.d was common, cloud-init wrote the main file itself.
    private static async Task ReplaceMainIfupdownFileAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        var text = await editor.ReadTextAsync(MainIfupdownFile, cancellationToken).ConfigureAwait(false);
        if (text is null || !IsSigned(text))
            return;

        var style = NetworkStyles.All.Single(style => style.Name == "ifupdown");
        var rewritten = style.Dhcp(MainIfupdownFile) + "\nsource /etc/network/interfaces.d/*\n";
        await editor.DeleteAsync(style.Replacement!, RenderedWhy, cancellationToken).ConfigureAwait(false);
        await editor.WriteAsync(MainIfupdownFile, rewritten, style.Mode, RenderedWhy, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Amazon Linux 2023 configures cards by the drivers of EC2 alone.</summary>
    public static async Task ReplaceAmazonNetworkdAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        if (!await editor.ExistsAsync("/usr/lib/systemd/network/80-ec2.network", cancellationToken).ConfigureAwait(false))
            return;

        var style = NetworkStyles.All.Single(style => style.Name == "systemd-networkd");
        await editor.WriteAsync(
            style.Replacement!, style.Dhcp(style.Replacement!), style.Mode, "Amazon Linux asks for DHCP on cards of EC2 only", cancellationToken).ConfigureAwait(false);
    }
}
