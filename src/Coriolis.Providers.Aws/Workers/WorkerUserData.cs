using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>What a worker is told at its launch: its host key, who may log in, and when to give up on its controller.</summary>
internal static class WorkerUserData
{
    /// <summary>The user that the controller logs in as; images differ in the one that they bring.</summary>
    public const string User = "coriolis";

    /// <summary>The command that puts the end off.</summary>
    public static string LeaseCommand(TimeSpan lease) => $"sudo -n shutdown -P +{Minutes(lease)}";

    /// <summary>Builds cloud-config, Base64 as RunInstances takes it. JSON is YAML too, and cannot be broken by indentation.</summary>
    public static string Create(SshKeyPair hostKey, SshKeyPair login, TimeSpan lease)
    {
        var config = new JsonObject
        {
            ["ssh_deletekeys"] = true,
            ["ssh_keys"] = new JsonObject { ["ed25519_private"] = hostKey.PrivateKey + "\n", ["ed25519_public"] = hostKey.PublicKey },
            ["ssh_genkeytypes"] = new JsonArray(),
            ["users"] = new JsonArray(
                "default",
                new JsonObject
                {
                    ["name"] = User,
                    ["shell"] = "/bin/bash",
                    ["sudo"] = "ALL=(ALL) NOPASSWD:ALL",
                    ["lock_passwd"] = true,
                    ["ssh_authorized_keys"] = new JsonArray(login.PublicKey),
                }),
            ["power_state"] = new JsonObject { ["delay"] = $"+{Minutes(lease)}", ["mode"] = "poweroff", ["message"] = "The controller is gone." },
        };
        return Convert.ToBase64String(Encoding.UTF8.GetBytes($"#cloud-config\n{config.ToJsonString()}\n"));
    }

    private static string Minutes(TimeSpan lease) => ((int)lease.TotalMinutes).ToString(CultureInfo.InvariantCulture);
}
