using Coriolis.Providers.Aws.Morphing.Network;
using Coriolis.Providers.Aws.Morphing.Packages;

namespace Coriolis.Providers.Aws.Morphing;

/// <summary>Takes out the agents that only work in EC2, and the clock that is only reachable there.</summary>
internal sealed class AwsPackagesMorpher : IOsMorpher
{
    private static readonly string[] s_packages =
    [
        "amazon-ssm-agent", "amazon-cloudwatch-agent", "ec2-instance-connect", "ec2-instance-connect-config", "ec2-hibinit-agent", "hibagent", "ec2-net-utils",
        "amazon-ec2-net-utils", "ec2-utils", "amazon-ec2-utils", "acpid-ec2", "awsagent", "codedeploy-agent",
    ];

    // Services of packages that could not be removed, and of the snap that Ubuntu has instead of a package.
    private static readonly string[] s_services =
    [
        "amazon-ssm-agent.service", "snap.amazon-ssm-agent.amazon-ssm-agent.service", "amazon-cloudwatch-agent.service",
        "ec2-instance-connect-harvest-hostkeys.service", "hibinit-agent.service", "ec2net-scan.service", "policy-routes@.service",
    ];

    private static readonly string[] s_udevRules = ["/etc/udev/rules.d/53-ec2-network-interfaces.rules", "/etc/udev/rules.d/70-ec2-nvme-devices.rules"];

    public string Name => "AWS agents";

    public ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default) => ValueTask.FromResult(os.Type == OsType.Linux);

    public async Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
    {
        var editor = new GuestEditor(guest);
        await NetworkReplacement.ReplaceAmazonNetworkdAsync(editor, cancellationToken).ConfigureAwait(false);
        if (GuestPackages.For(guest, os) is { } packages)
        {
            // One by one, so that an agent that must stay does not keep the others.
            foreach (var name in s_packages)
                await RemoveAsync(editor, packages, name, cancellationToken).ConfigureAwait(false);
        }

        foreach (var service in s_services)
            await ServiceLinks.DisableAsync(editor, service, "its service works in EC2 only", cancellationToken).ConfigureAwait(false);
        foreach (var path in s_udevRules)
            await editor.DeleteAsync(path, "it runs on EC2's network cards and disks only", cancellationToken).ConfigureAwait(false);
        await AmazonClock.RemoveAsync(editor, cancellationToken).ConfigureAwait(false);
        return editor.ToReport(Name);
    }

    private static async Task RemoveAsync(GuestEditor editor, IGuestPackages packages, string name, CancellationToken cancellationToken)
    {
        RemovalPlan plan;
        try
        {
            plan = await packages.PlanRemovalAsync([name], cancellationToken).ConfigureAwait(false);
        }
        catch (GuestException)
        {
            // A package database that cannot be read was reported when cloud-init was to go; the services are disabled below.
            return;
        }

        if (plan.Refusal is not null)
        {
            editor.Warn($"{name} was kept: {plan.Refusal.TrimEnd('.')}.");
            return;
        }

        if (plan.Packages.Count == 0)
            return;

        await packages.RemoveAsync(plan, cancellationToken).ConfigureAwait(false);
        foreach (var package in plan.Packages)
            editor.Report(MorphChangeKind.PackageRemoved, package, package == name ? "it works in EC2 only" : $"it needs {name}");
    }
}
