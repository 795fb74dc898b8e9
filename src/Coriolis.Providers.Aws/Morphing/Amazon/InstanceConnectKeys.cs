using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Amazon;

/// <summary>The command with which EC2 Instance Connect looks for keys, in the SSH server's configuration.</summary>
internal static partial class InstanceConnectKeys
{
    public static async Task RemoveAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        var files = (await editor.ListAsync("/etc/ssh/sshd_config.d", cancellationToken, ".conf").ConfigureAwait(false)).Prepend("/etc/ssh/sshd_config");
        foreach (var path in files)
        {
            if (await editor.ReadTextAsync(path, cancellationToken).ConfigureAwait(false) is not { } text
                || Command().Match(text) is not { Success: true } command
                || await editor.ExistsAsync(command.Groups["program"].Value, cancellationToken).ConfigureAwait(false))
                continue;

            var without = Command().Replace(text, "");

            // The server does not start with a user for a command that it does not have.
            if (!AnyCommand().IsMatch(without))
                without = CommandUser().Replace(without, "");
            await editor.WriteAsync(path, without, GuestEditor.Secret, "EC2 Instance Connect answers in EC2 only", cancellationToken).ConfigureAwait(false);
        }
    }

    [GeneratedRegex(@"^[ \t]*AuthorizedKeysCommand[ \t]+(?<program>\S*eic_run_authorized_keys)\b.*\n?", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Command();

    [GeneratedRegex(@"^[ \t]*AuthorizedKeysCommand[ \t]", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex AnyCommand();

    [GeneratedRegex(@"^[ \t]*AuthorizedKeysCommandUser[ \t].*\n?", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex CommandUser();
}
