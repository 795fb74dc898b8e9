namespace Coriolis.Aws.Emulator.Workers;

/// <summary>What a host needs to have for machines.</summary>
internal static class WorkerHostRequirements
{
    private static readonly string[] s_folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    private static readonly (string Command, string Package)[] s_commands =
    [
        ("bash", "bash"), ("ip", "iproute2"), ("sshd", "openssh-server"), ("sudo", "sudo"), ("useradd", "passwd"),
        ("unshare", "util-linux"), ("nsenter", "util-linux"), ("losetup", "mount"), ("pivot_root", "util-linux"),
    ];

    /// <summary>What is missing, as a sentence; null when there can be machines.</summary>
    public static async Task<string?> FindObstacleAsync()
    {
        if (!OperatingSystem.IsLinux()) return "Real workers need Linux.";
        if (Environment.UserName != "root") return "Real workers need root.";
        foreach (var (command, package) in s_commands)
        {
            if (!s_folders.Any(folder => File.Exists(Path.Combine(folder, command))))
            {
                return $"Real workers need '{command}', which is in the package {package}.";
            }
        }

        try
        {
            await HostCommand.RunAsync("losetup", ["--find"]).ConfigureAwait(false);
            var machine = await Machine.StartAsync(TimeProvider.System, "02:00:00:00:00:01").ConfigureAwait(false);
            await machine.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch (IOException error)
        {
            return $"Real workers cannot run on this host: {error.Message}";
        }
    }
}
