using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Amazon;

/// <summary>Package repositories that answer instances in AWS only. They are reported: what to put in their place is a matter of subscriptions.</summary>
internal static partial class AmazonRepositories
{
    private static readonly (string Folder, string Ending)[] s_folders =
        [("/etc/yum.repos.d", ".repo"), ("/etc/zypp/repos.d", ".repo"), ("/etc/zypp/services.d", ".service")];

    public static async Task ReportAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        foreach (var (folder, ending) in s_folders)
        {
            foreach (var path in await editor.ListAsync(folder, cancellationToken, ending).ConfigureAwait(false))
            {
                var text = await editor.ReadTextAsync(path, cancellationToken).ConfigureAwait(false) ?? "";
                if (Address().Match(text) is { Success: true } address)
                    editor.Warn($"{path} names {address.Groups["address"].Value}, which answers in AWS only; the guest gets no updates from it elsewhere.");
            }
        }
    }

    // Red Hat's update infrastructure, SUSE's public cloud service, and buckets of Amazon Linux that are chosen by region.
    [GeneratedRegex(@"^[ \t]*(baseurl|mirrorlist|metalink|url)[ \t]*=[ \t]*(?<address>\S*(rhui|susecloud|\$awsregion|\$\{awsregion\}|\$amazonlinux)\S*)", RegexOptions.Multiline)]
    private static partial Regex Address();
}
