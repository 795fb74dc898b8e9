using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Amazon;

/// <summary>EC2's time service at 169.254.169.123, which nothing answers elsewhere.</summary>
internal static partial class AmazonClock
{
    // A public pool: a chrony without any source would never set the clock.
    private const string Replacement = "pool pool.ntp.org iburst";

    private static readonly string[] s_folders = ["/etc", "/etc/chrony", "/etc/chrony.d", "/etc/chrony/conf.d", "/etc/chrony/sources.d"];
    private static readonly string[] s_endings = ["chrony.conf", ".conf", ".sources"];

    public static async Task RemoveAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        var edited = new List<(string Path, string Text)>();
        var hasOtherSource = false;
        foreach (var folder in s_folders)
        {
            foreach (var path in await editor.ListAsync(folder, cancellationToken, s_endings).ConfigureAwait(false))
            {
                if (!path.Contains("chrony", StringComparison.Ordinal) || await editor.ReadTextAsync(path, cancellationToken).ConfigureAwait(false) is not { } text)
                    continue;

                var without = AmazonSource().Replace(text, "");
                hasOtherSource |= AnySource().IsMatch(without);
                if (without != text)
                    edited.Add((path, without));
            }
        }

        foreach (var (path, text) in edited)
        {
            // The first file gets the replacement; a sources file takes the same line as a configuration file.
            var complete = hasOtherSource ? text : $"{text.TrimEnd('\n')}\n{Replacement}\n".TrimStart('\n');
            hasOtherSource = true;
            await editor.WriteAsync(path, complete, GuestEditor.Readable, "EC2's clock is reachable there only", cancellationToken).ConfigureAwait(false);
        }
    }

    [GeneratedRegex(@"^[ \t]*(server|pool|peer)[ \t]+(169\.254\.169\.123|fd00:ec2::123)\b.*\n?", RegexOptions.Multiline)]
    private static partial Regex AmazonSource();

    [GeneratedRegex(@"^[ \t]*(server|pool|peer|refclock|sourcedir)[ \t]", RegexOptions.Multiline)]
    private static partial Regex AnySource();
}
