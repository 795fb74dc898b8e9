using System.CommandLine;
using System.Globalization;
using Coriolis.Providers;

namespace Coriolis.Cli;

internal sealed class InspectCommand : CliCommand
{
    private readonly Argument<string> _instance = InstanceArgument.Create();

    public InspectCommand()
        : base(
            "inspect",
            "Shows the configuration of one instance and its disks.",
            hasJson: true,
            "inspect i-0123456789abcdef0",
            "inspect web-1 --json")
    {
        AddAll(_instance);
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var services = SessionServices.Create(invocation);
        await using var scope = services.ConfigureAwait(false);

        var instance = await services.Source.GetInstanceAsync(invocation.Get(_instance), cancellationToken).ConfigureAwait(false);

        if (invocation.Json)
        {
            invocation.Terminal.WriteResult(VmExportInfo.ToJson(instance));
        }
        else
        {
            WriteText(invocation.Terminal, instance);
        }

        return ExitCode.Done;
    }

    private static void WriteText(Terminal terminal, SourceInstance instance)
    {
        void Line(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                terminal.WriteResult($"{name,-14}{value}");
            }
        }

        Line("Instance", instance.Id);
        Line("Name", instance.Name);
        Line("State", Words.Lower(instance.PowerState));
        Line("Region", $"{instance.Region} ({instance.AvailabilityZone}), account {instance.AccountId}");
        Line("Flavor", Describe(instance.Flavor));
        Line("System", $"{Words.Lower(instance.OsType)}, {instance.Architecture}, {Words.Lower(instance.Firmware)}");
        Line("Platform", instance.PlatformDetails);
        Line("Image", instance.ImageId);
        Line("Hostname", instance.Hostname);
        Line("Public IP", instance.PublicIpAddress);
        Line("Product codes", string.Join(", ", instance.ProductCodes));
        terminal.WriteResult(string.Empty);
        WriteDisks(terminal, instance.Disks);
        terminal.WriteResult(string.Empty);
        WriteNics(terminal, instance.Nics);
    }

    private static void WriteDisks(Terminal terminal, IReadOnlyList<SourceDisk> disks)
    {
        var table = new TextTable("DISK", "DEVICE", "SIZE", "TYPE", "BOOT", "ENCRYPTED", "NOTES");
        foreach (var disk in disks)
        {
            table.Add(
                disk.Id,
                disk.DeviceName,
                ByteSize.Format(disk.SizeBytes),
                disk.VolumeType ?? "-",
                disk.IsBoot ? "yes" : "no",
                disk.Encrypted ? disk.KmsKeyId ?? "yes" : "no",
                string.Join(", ", NotesOn(disk)));
        }

        table.WriteTo(terminal);
    }

    private static void WriteNics(Terminal terminal, IReadOnlyList<SourceNic> nics)
    {
        var table = new TextTable("NIC", "INDEX", "MAC", "NETWORK", "SUBNET", "ADDRESSES");
        foreach (var nic in nics)
        {
            table.Add(
                nic.Id,
                nic.DeviceIndex.ToString(CultureInfo.InvariantCulture),
                nic.MacAddress,
                nic.NetworkId,
                nic.SubnetId ?? "-",
                string.Join(", ", nic.IpAddresses));
        }

        table.WriteTo(terminal);
    }

    private static IEnumerable<string> NotesOn(SourceDisk disk)
    {
        if (disk.Kind == DiskKind.InstanceStore)
        {
            yield return "instance store, not replicated";
        }

        if (disk.MultiAttach)
        {
            yield return "multi-attach";
        }

        if (disk.ProductCodes.Count > 0)
        {
            yield return $"product codes {string.Join(' ', disk.ProductCodes)}";
        }
    }

    private static string Describe(InstanceFlavor flavor) =>
        $"{flavor.Name}, {Words.Count(flavor.VCpus, "vCPU")}, {ByteSize.Format(flavor.MemoryMiB * 1024 * 1024)}";
}
