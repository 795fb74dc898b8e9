using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Network;

/// <summary>All files that cloud-init wrote in one style.</summary>
internal sealed partial class RenderedNetwork
{
    public RenderedNetwork(IReadOnlyList<NetworkFile> files)
    {
        Files = files;

        // By length first, so that ens10 comes after ens9: the order in which the kernel finds cards on a bus.
        Cards = [.. files.SelectMany(file => CardName().Matches($"{file.Name}\n{file.Text}")).Select(match => match.Value).Distinct()
            .OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal)];
    }

    public IReadOnlyList<NetworkFile> Files { get; }

    /// <summary>The old names of the Ethernet cards, in the order of the hardware.</summary>
    public IReadOnlyList<string> Cards { get; }

    public bool Has(Regex pattern) => Files.Any(file => pattern.IsMatch(file.Text));

    /// <summary>The card that a file is about by its name or its text.</summary>
    public static string? CardOf(NetworkFile file) =>
        CardName().Match(file.Name) is { Success: true } inName ? inName.Value : CardName().Match(file.Text) is { Success: true } inText ? inText.Value : null;

    /// <summary>The names that the kernel itself gives to the cards.</summary>
    public IEnumerable<string> KernelNames => Cards.Count == 0 ? ["eth0"] : Cards.Select(KernelName);

    /// <summary>Puts the kernel's own names of cards in place of the old ones.</summary>
    public string WithKernelNames(string text) => CardName().Replace(text, match => KernelName(match.Value));

    // Where all cards have such names already, each keeps its own: eth1 may be the only one that cloud-init knew.
    private string KernelName(string card) => Cards.All(name => name.StartsWith("eth", StringComparison.Ordinal)) ? card : $"eth{Cards.ToList().IndexOf(card)}";

    // eth0; ens5, enp0s5, eno1 of systemd; enX0 of Xen.
    [GeneratedRegex(@"((?<![\w./-])|(?<=(ifcfg|route6?|ifroute|cloud-init)-))(eth\d+|enX\d+|en[opsx]\w*\d\w*)(?![\w-])")]
    private static partial Regex CardName();
}
