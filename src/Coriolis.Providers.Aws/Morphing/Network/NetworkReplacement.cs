using System.Text.RegularExpressions;
using Coriolis.Providers.Aws.Morphing.Boot;

namespace Coriolis.Providers.Aws.Morphing.Network;

/// <summary>Gives a guest a network configuration that fits any card in place of the one that cloud-init wrote for the old one.</summary>
internal static partial class NetworkReplacement
{
    private const string RenderedWhy = "cloud-init wrote it for the old network card";
    private const int SignatureLines = 10;

    public static async Task ReplaceAsync(GuestEditor editor, bool preserveStatic, CancellationToken cancellationToken)
    {
        var guest = await GuestNetwork.DetectAsync(editor, cancellationToken).ConfigureAwait(false);
        var (needsKernelNames, hasReplaced, needsDhcp) = (false, false, false);
        foreach (var style in NetworkStyles.For(guest))
        {
            var (rendered, others) = await FindAsync(editor, style, cancellationToken).ConfigureAwait(false);
            if (rendered.Files.Count > 0)
            {
                needsKernelNames |= await ReplaceAsync(editor, style, rendered, preserveStatic, cancellationToken).ConfigureAwait(false);
                hasReplaced = true;
            }

            needsDhcp |= style == NetworkStyles.NetworkManager && others.Count > 0 && others.All(file => NetworkStyles.OldCard().IsMatch(file.Text));
        }

        if (needsKernelNames)
            await KernelCardNames.UseAsync(editor, cancellationToken).ConfigureAwait(false);

        var dhcp = NetworkStyles.NetworkManagerDhcp;
        if (needsDhcp && !hasReplaced)
            await editor.WriteAsync(dhcp.Path, dhcp.Text, dhcp.Mode!.Value, "all connections are bound to old network cards", cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Whether the new configuration relies on the kernel's own names of cards.</returns>
    private static async Task<bool> ReplaceAsync(
        GuestEditor editor, NetworkStyle style, RenderedNetwork rendered, bool preserveStatic, CancellationToken cancellationToken)
    {
        var compound = rendered.Has(style.Compound);
        if (compound && !preserveStatic)
            editor.Warn($"The bonds, bridges or VLANs in {style.Folder} were kept, with the addresses that they have; check that they fit the new network.");

        if (!compound && !(preserveStatic && rendered.Has(style.Static)))
        {
            await PutAsync(editor, style, rendered, style.Dhcp(rendered), "DHCP on every network card", cancellationToken).ConfigureAwait(false);
            return !style.DhcpOnAnyCard;
        }

        string?[] onAnyCard = compound || rendered.Cards.Count > 1 ? [null] : [.. rendered.Files.Select(file => style.OnAnyCard(file.Text))];
        var byName = onAnyCard.Contains(null);
        var kept = rendered.Files.Select((file, index) => Keep(rendered, file, rendered.WithKernelNames(byName ? style.ByName(file) : onAnyCard[index]!), style));
        await PutAsync(editor, style, rendered, [.. kept], "its settings were kept without the old card's address", cancellationToken).ConfigureAwait(false);
        if (byName && rendered.Cards.Count == 0)
            editor.Warn($"The configuration in {style.Folder} goes by names that the guest gave to cards by their old hardware addresses; name the new cards so.");
        return byName && rendered.Cards.Count > 0;
    }

    // Package scripts delete files by the names that cloud-init gave them.
    private static NetworkFile Keep(RenderedNetwork rendered, NetworkFile file, string text, NetworkStyle style)
    {
        var lines = text.Split('\n').SkipWhile(line => line.StartsWith('#') || line.Length == 0);
        var name = rendered.WithKernelNames(file.Name).Replace("cloud-init", "coriolis", StringComparison.Ordinal);
        return new(file.Path == style.MainFile ? file.Path : $"{style.Folder}/{name}", NetworkStyles.Header + string.Join('\n', lines));
    }

    private static async Task PutAsync(
        GuestEditor editor, NetworkStyle style, RenderedNetwork rendered, IReadOnlyList<NetworkFile> files, string why, CancellationToken cancellationToken)
    {
        foreach (var old in rendered.Files.Where(old => files.All(file => file.Path != old.Path)))
            await editor.DeleteAsync(old.Path, RenderedWhy, cancellationToken).ConfigureAwait(false);
        foreach (var file in files)
            await editor.WriteAsync(file.Path, file.Text, file.Mode ?? style.Mode, why, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>What cloud-init wrote, and the files of others.</returns>
    private static async Task<(RenderedNetwork Rendered, IReadOnlyList<NetworkFile> Others)> FindAsync(GuestEditor editor, NetworkStyle style, CancellationToken cancellationToken)
    {
        var paths = (await editor.ListAsync(style.Folder, cancellationToken, style.Endings).ConfigureAwait(false))
            .Where(path => style.Prefixes.Any(prefix => path[(path.LastIndexOf('/') + 1)..].StartsWith(prefix, StringComparison.Ordinal)));
        var files = new List<NetworkFile>();
        var others = new List<NetworkFile>();
        foreach (var path in style.MainFile is null ? paths : paths.Prepend(style.MainFile))
        {
            if (await editor.ReadTextAsync(path, cancellationToken).ConfigureAwait(false) is not { } text || path.EndsWith("/ifcfg-lo", StringComparison.Ordinal))
                continue;

            var file = new NetworkFile(path, text);
            if (text.StartsWith(NetworkStyles.Header, StringComparison.Ordinal))
                continue;

            (IsRendered(file) ? files : others).Add(file);
        }

        foreach (var file in others.Where(file => NetworkStyles.OldCard().IsMatch(file.Text)))
            editor.Warn($"{file.Path} names the hardware address of a network card, which the new machine will not have; it was left as it is.");
        return (new(files), others);
    }

    // Every renderer of cloud-init, and the network scripts of Amazon Linux, name themselves in the file's name or its first lines.
    private static bool IsRendered(NetworkFile file) =>
        file.Name.Contains("cloud-init", StringComparison.Ordinal)
        || file.Text.Contains("\nEC2SYNC=yes", StringComparison.Ordinal)
        || file.Text.Split('\n').Take(SignatureLines).Any(line => Signature().IsMatch(line));

    /// <summary>Amazon Linux 2023 configures cards by the drivers of EC2 alone.</summary>
    public static async Task ReplaceAmazonNetworkdAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        if (!await editor.ExistsAsync("/usr/lib/systemd/network/80-ec2.network", cancellationToken).ConfigureAwait(false))
            return;

        foreach (var file in NetworkStyles.Networkd.Dhcp(new([])))
            await editor.WriteAsync(file.Path, file.Text, NetworkStyles.Networkd.Mode, "Amazon Linux asks for DHCP on cards of EC2 only", cancellationToken).ConfigureAwait(false);
    }

    [GeneratedRegex("^#.*((created|generated) by cloud-init|generated from information provided by)", RegexOptions.IgnoreCase)]
    private static partial Regex Signature();
}
