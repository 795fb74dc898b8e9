using System.Text.RegularExpressions;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>The shell commands that do what cloud-init does on a boot, and then start the SSH server.</summary>
internal static partial class CloudInit
{
    public static string Commands(InstanceRecord instance, CloudConfig config, KeyPairRecord? key, string address, DateTimeOffset now) => string.Join('\n',
    [
        BootScript.PowerCommands,
        instance.Fault?.Kind == FaultKind.ClosedPorts ? BootScript.CloseOtherPorts(address) : "",
        NameHost($"ip-{instance.PrivateIp.Replace('.', '-')}"),
        $"echo 'Linux on {instance.Id}, cloud-init at {now:u}'",
        .. config.Fault is { } fault ? [WriteFile("/dev/fd/1", $"cloud-init: the user data is not valid YAML: {fault}")] : Array.Empty<string>(),
        "rm -f /etc/ssh/ssh_host_*",
        .. config.HostKeys.Where(pair => instance.Fault?.Kind != FaultKind.WrongHostKey && HostKeyName().IsMatch(pair.Key)).Select(static pair => WriteHostKey(pair.Key, pair.Value)),
        .. config.Users.Where(static pair => UserName().IsMatch(pair.Key)).Select(pair => AddUser(pair.Key, KeysOf(instance, pair.Value, key))),
        instance.Fault?.Kind == FaultKind.NoSshServer ? "" : BootScript.SshServer(instance.Fault?.Kind == FaultKind.AlteredUpload),
    ]);

    private static IReadOnlyList<string> KeysOf(InstanceRecord instance, IReadOnlyList<string> configured, KeyPairRecord? imported) =>
        instance.Fault?.Kind == FaultKind.RefusedKey ? []
        : imported is null ? configured
        : [.. configured, imported.PublicKey];

    private static string NameHost(string name) => $"hostname {name}\necho 127.0.0.1 localhost {name} > /etc/hosts";

    private static string WriteHostKey(string kind, string text) => kind.EndsWith("_private", StringComparison.Ordinal)
        ? WriteFile($"/etc/ssh/ssh_host_{kind[..^"_private".Length]}_key", text)
        : WriteFile($"/etc/ssh/ssh_host_{kind[..^"_public".Length]}_key.pub", text);

    private static string AddUser(string user, IReadOnlyList<string> keys)
    {
        var home = user == "root" ? "/root" : $"/home/{user}";
        return $"""
            id {user} > /dev/null 2>&1 || useradd -m -s /bin/bash -U {user}
            usermod -p '*' {user}
            mkdir -p {home}/.ssh
            {WriteFile($"{home}/.ssh/authorized_keys", string.Join('\n', keys))}
            chmod 700 {home}/.ssh
            chown -R {user}: {home}
            echo '{user} ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/90-{user}
            """;
    }

    // Encoded, because the text comes from whoever launches the instance.
    private static string WriteFile(string path, string text) =>
        $"echo {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{text.Trim()}\n"))} | base64 -d > {path}";

    [GeneratedRegex("^(rsa|ecdsa|ed25519)_(private|public)$")]
    private static partial Regex HostKeyName();

    [GeneratedRegex("^[a-z_][a-z0-9_-]{0,31}$")]
    private static partial Regex UserName();
}
