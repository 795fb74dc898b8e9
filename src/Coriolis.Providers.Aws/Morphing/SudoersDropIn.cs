using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing;

/// <summary>Sudo rules that AWS's software wrote for users of its own.</summary>
internal static partial class SudoersDropIn
{
    /// <summary>The rule of cloud-init's default user, who may be the only administrator.</summary>
    public const string CloudInit = "/etc/sudoers.d/90-cloud-init-users";

    /// <summary>The rule of the user of Systems Manager's sessions, who comes in no other way.</summary>
    public const string SystemsManager = "/etc/sudoers.d/ssm-agent-users";

    private const string Folder = "/etc/sudoers.d";

    /// <summary>Removes a rule if somebody else can still become root; otherwise the guest could not be administered any more.</summary>
    public static async Task RemoveAsync(GuestEditor editor, string path, CancellationToken cancellationToken)
    {
        if (!await editor.ExistsAsync(path, cancellationToken).ConfigureAwait(false))
            return;

        if (await HasOtherSudoerAsync(editor, path, cancellationToken).ConfigureAwait(false))
            await editor.DeleteAsync(path, "another user can use sudo", cancellationToken).ConfigureAwait(false);
        else
            editor.Warn($"{path} was kept, because nobody else could use sudo without it.");
    }

    private static async Task<bool> HasOtherSudoerAsync(GuestEditor editor, string path, CancellationToken cancellationToken)
    {
        // sudo passes over names with a dot or a tilde at their end.
        var files = (await editor.ListAsync(Folder, cancellationToken).ConfigureAwait(false))
            .Where(file => file != path && file != SystemsManager && !file[Folder.Length..].Contains('.', StringComparison.Ordinal) && !file.EndsWith('~'))
            .Prepend("/etc/sudoers");
        foreach (var file in files)
        {
            var text = await editor.ReadTextAsync(file, cancellationToken).ConfigureAwait(false) ?? "";
            foreach (Match rule in FullRule().Matches(text))
            {
                var who = rule.Groups["who"].Value;
                if (who != "root" && await CanUseAsync(editor, who, rule.Value.Contains("NOPASSWD", StringComparison.Ordinal), cancellationToken).ConfigureAwait(false))
                    return true;
            }
        }

        return false;
    }

    private static async Task<bool> CanUseAsync(GuestEditor editor, string who, bool withoutPassword, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> users = [who];
        if (who.StartsWith('%'))
        {
            var groups = await ReadTableAsync(editor, "/etc/group", cancellationToken).ConfigureAwait(false);
            users = groups.FirstOrDefault(fields => fields[0] == who[1..]) is { Length: > 3 } group ? group[3].Split(',', StringSplitOptions.RemoveEmptyEntries) : [];
        }

        var passwords = await ReadTableAsync(editor, "/etc/shadow", cancellationToken).ConfigureAwait(false);
        var withPassword = passwords.Where(fields => fields.Length > 1 && fields[1].StartsWith('$')).Select(fields => fields[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var account in await ReadTableAsync(editor, "/etc/passwd", cancellationToken).ConfigureAwait(false))
        {
            if (account is [var name, _, _, _, _, var home, var shell] && users.Contains(name) && LoginShell().IsMatch(shell)
                && (withPassword.Contains(name) || (withoutPassword && await HasKeyAsync(editor, home, cancellationToken).ConfigureAwait(false))))
                return true;
        }

        return false;
    }

    private static async Task<bool> HasKeyAsync(GuestEditor editor, string home, CancellationToken cancellationToken) =>
        Home().IsMatch(home)
        && (await editor.ReadTextAsync($"{home}/.ssh/authorized_keys", cancellationToken).ConfigureAwait(false) ?? "")
            .Split('\n').Any(line => line.Trim() is [not '#', ..]);

    private static async Task<IEnumerable<string[]>> ReadTableAsync(GuestEditor editor, string path, CancellationToken cancellationToken) =>
        (await editor.ReadTextAsync(path, cancellationToken).ConfigureAwait(false) ?? "").Split('\n').Select(line => line.TrimEnd('\r').Split(':'));

    // Whoever may do everything as root on this host. What is written in another way may be less, so it does not count.
    [GeneratedRegex(@"^[ \t]*(?<who>[^\s#@=,!]+)[ \t]+ALL[ \t]*=[ \t]*(\([ \t]*(root|ALL)[ \t]*(:[^)\n]*)?\)[ \t]*)?([A-Z_]+[ \t]*:[ \t]*)*ALL[ \t\r]*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex FullRule();

    [GeneratedRegex("^$|/(sh|[abckz]sh|mksh|dash|bash|tcsh|fish)$")]
    private static partial Regex LoginShell();

    [GeneratedRegex(@"^(/(?!\.\.?(/|$))[^/\0]+)+$")]
    private static partial Regex Home();
}
