using Coriolis.Providers.Aws.Morphing.Network;
using Coriolis.Providers.Aws.Morphing.Packages;
using Microsoft.Extensions.Options;

namespace Coriolis.Providers.Aws.Morphing.Amazon;

/// <summary>Takes out the agents, rules and sources that only work in EC2.</summary>
internal sealed class AwsLeftoversMorpher(IOptions<AwsMorphOptions> options) : IOsMorpher
{
    // The hibernation agents make it as large as the memory and use it only while they hibernate; no fstab names it.
    private const string HibernationSwap = "/swap-hibinit";

    private const string ServiceWhy = "its service works in EC2 only";

    private static readonly AwsLeftover[] s_leftovers =
    [
        new(AwsLeftovers.SystemsManagerAgent)
        {
            Packages = ["amazon-ssm-agent"],

            // Ubuntu has it as a snap, which only a running snapd can remove.
            Services = ["amazon-ssm-agent", "snap.amazon-ssm-agent.amazon-ssm-agent"],
        },
        new(AwsLeftovers.CloudWatchAgent) { Packages = ["amazon-cloudwatch-agent", "awslogs"], Services = ["amazon-cloudwatch-agent", "awslogsd", "awslogs"] },
        new(AwsLeftovers.InstanceConnect)
        {
            Packages = ["ec2-instance-connect", "ec2-instance-connect-config", "ec2-instance-connect-selinux"],
            Services = ["ec2-instance-connect", "ec2-instance-connect-harvest-hostkeys"],
        },
        new(AwsLeftovers.Hibernation) { Packages = ["ec2-hibinit-agent", "hibagent"], Services = ["hibinit-agent", "hibagent"] },
        new(AwsLeftovers.NetworkUtilities)
        {
            Packages = ["ec2-net-utils", "amazon-ec2-net-utils"],
            Services = ["ec2net-scan", "ec2net-ifup@", "policy-routes@", "refresh-policy-routes@"],
            Files = ["/etc/udev/rules.d/53-ec2-network-interfaces.rules"],
        },
        new(AwsLeftovers.DeviceRules)
        {
            Packages = ["ec2-utils", "amazon-ec2-utils"],
            Files =
            [
                "/etc/udev/rules.d/51-ec2-hvm-devices.rules", "/etc/udev/rules.d/51-ec2-xen-vbd-devices.rules", "/etc/udev/rules.d/52-ec2-vcpu.rules",
                "/etc/udev/rules.d/70-ec2-nvme-devices.rules",
            ],
        },
        new(AwsLeftovers.OtherAgents) { Services = ["codedeploy-agent", "awsagent", "ecs"] },
    ];

    public string Name => "AWS leftovers";

    public ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default) => ValueTask.FromResult(os.Type == OsType.Linux);

    public async Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
    {
        var editor = new GuestEditor(guest);
        var remove = options.Value.Remove;
        if (remove.HasFlag(AwsLeftovers.NetworkUtilities))
            await NetworkReplacement.ReplaceAmazonNetworkdAsync(editor, cancellationToken).ConfigureAwait(false);
        foreach (var leftover in s_leftovers.Where(leftover => remove.HasFlag(leftover.Kind)))
            await RemoveAsync(editor, GuestPackages.For(guest, os), leftover, request, cancellationToken).ConfigureAwait(false);

        if (remove.HasFlag(AwsLeftovers.SystemsManagerAgent))
            await SudoersDropIn.RemoveAsync(editor, SudoersDropIn.SystemsManager, cancellationToken).ConfigureAwait(false);
        if (remove.HasFlag(AwsLeftovers.Hibernation))
            await ReportSwapFileAsync(editor, cancellationToken).ConfigureAwait(false);
        if (remove.HasFlag(AwsLeftovers.InstanceConnect))
            await InstanceConnectKeys.RemoveAsync(editor, cancellationToken).ConfigureAwait(false);
        if (remove.HasFlag(AwsLeftovers.Clock))
            await AmazonClock.RemoveAsync(editor, cancellationToken).ConfigureAwait(false);
        await AmazonRepositories.ReportAsync(editor, cancellationToken).ConfigureAwait(false);
        return editor.ToReport(Name);
    }

    private static async Task RemoveAsync(
        GuestEditor editor, IGuestPackages? packages, AwsLeftover leftover, MorphRequest request, CancellationToken cancellationToken)
    {
        // One by one, so that an agent that must stay does not keep the others.
        foreach (var name in packages is null ? [] : leftover.Packages)
            await RemovePackageAsync(editor, packages!, name, request, cancellationToken).ConfigureAwait(false);
        foreach (var service in leftover.Services)
            await ServiceLinks.DisableAsync(editor, service, ServiceWhy, cancellationToken).ConfigureAwait(false);
        foreach (var path in leftover.Files)
            await editor.DeleteAsync(path, "it is about EC2's network cards and disks only", cancellationToken).ConfigureAwait(false);
    }

    // It may be in use as swap by now, and the undo archive would have to hold an image of the memory: only its owner can tell.
    private static async Task ReportSwapFileAsync(GuestEditor editor, CancellationToken cancellationToken)
    {
        if (await editor.Guest.GetFileAsync(HibernationSwap, cancellationToken).ConfigureAwait(false) is { Kind: GuestFileKind.Regular } file)
            editor.Warn($"{HibernationSwap} has {file.SizeBytes / (1024 * 1024)} MiB for EC2's hibernation and is kept; delete it unless the guest uses it as swap.");
    }

    private static async Task RemovePackageAsync(
        GuestEditor editor, IGuestPackages packages, string name, MorphRequest request, CancellationToken cancellationToken)
    {
        RemovalPlan plan;
        try
        {
            plan = (await packages.PlanRemovalAsync([name], cancellationToken).ConfigureAwait(false)).Keeping(request.KeptPackages);
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
