namespace Coriolis.Providers.Aws;

/// <summary>What AWS leaves in a guest besides cloud-init.</summary>
[Flags]
public enum AwsLeftovers
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The agent of Systems Manager: package, snap, and the sudo rule of its user.</summary>
    SystemsManagerAgent = 1,

    /// <summary>The agents of CloudWatch.</summary>
    CloudWatchAgent = 2,

    /// <summary>EC2 Instance Connect, with its part of the SSH server's configuration.</summary>
    InstanceConnect = 4,

    /// <summary>The hibernation agent.</summary>
    Hibernation = 8,

    /// <summary>The utilities that configure network cards from EC2's metadata.</summary>
    NetworkUtilities = 16,

    /// <summary>Rules that name EC2's disks and cards.</summary>
    DeviceRules = 32,

    /// <summary>EC2's clock in chrony's sources.</summary>
    Clock = 64,

    /// <summary>Agents that can also serve a machine elsewhere: CodeDeploy, Inspector, ECS. They are disabled, never removed.</summary>
    OtherAgents = 128,

    /// <summary>All of them.</summary>
    All = SystemsManagerAgent | CloudWatchAgent | InstanceConnect | Hibernation | NetworkUtilities | DeviceRules | Clock | OtherAgents,
}
