using System.Globalization;
using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.Ec2.InstanceTypes;
using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Metadata;

/// <summary>What the metadata service says of an instance, by path (EC2 user guide, "Instance metadata categories").</summary>
internal sealed class MetadataTree
{
    private readonly SortedDictionary<string, string> _items = new(StringComparer.Ordinal);

    private MetadataTree()
    {
    }

    public static MetadataTree Of(InstanceView view, Region region)
    {
        var tree = new MetadataTree();
        var instance = view.Instance;
        tree.AddInstance(instance);
        tree.AddDevices(view);
        tree.AddNetwork(view, region);
        if (region.State.KeyPairs.Values.FirstOrDefault(pair => pair.Name == instance.KeyName) is { } key)
        {
            tree.Add("public-keys/0/openssh-key", key.PublicKey);
            // This folder says more than the names in it.
            tree.Add("public-keys/", $"0={key.Name}");
        }

        if (instance.Metadata.InstanceTags == "enabled")
        {
            foreach (var (name, value) in instance.Tags)
            {
                tree.Add($"tags/instance/{name}", value);
            }
        }

        tree._items["dynamic/instance-identity/document"] = IdentityDocument.Of(instance, region);
        tree._items["dynamic/fws/instance-monitoring"] = instance.DetailedMonitoring ? "enabled" : "disabled";
        if (instance.UserData is not null) tree._items["user-data"] = "";
        return tree;
    }

    /// <summary>The text of an item, or the names in a folder: one a line, folders with a slash.</summary>
    /// <returns>Null when there is neither.</returns>
    public string? Find(string path)
    {
        if (_items.TryGetValue(path, out var text) || _items.TryGetValue($"{path}/", out text)) return text;
        var prefix = path.Length == 0 ? "" : $"{path}/";
        var names = _items.Keys
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => name[prefix.Length..])
            // The topmost folders are listed without the slash.
            .Select(name => name.IndexOf('/', StringComparison.Ordinal) is var end and >= 0 ? name[..(path.Length == 0 ? end : end + 1)] : name)
            .Distinct()
            .ToList();
        return names.Count == 0 ? null : string.Join('\n', names);
    }

    private void Add(string path, string? text)
    {
        if (text is not null) _items[$"meta-data/{path}"] = text;
    }

    private void AddInstance(InstanceRecord instance)
    {
        Add("ami-id", instance.ImageId);
        Add("ami-launch-index", instance.LaunchIndex.ToString(CultureInfo.InvariantCulture));
        Add("ami-manifest-path", "(unknown)");
        Add("instance-action", "none");
        Add("instance-id", instance.Id);
        Add("instance-life-cycle", instance.Spot ? "spot" : "on-demand");
        Add("instance-type", instance.InstanceType);
        Add("placement/availability-zone", instance.AvailabilityZone);
        Add("placement/availability-zone-id", ZoneNames.IdOf(instance.AvailabilityZone));
        Add("placement/region", instance.AvailabilityZone[..^1]);
        if (instance.ProductCodes.Count > 0) Add("product-codes", string.Join('\n', instance.ProductCodes));
        Add("profile", $"default-{instance.VirtualizationType}");
        Add("reservation-id", instance.ReservationId);
        Add("services/domain", "amazonaws.com");
        Add("services/partition", "aws");
        Add("system", InstanceTypeTable.All.TryGetValue(instance.InstanceType, out var type) && type.Family.Nitro ? "nitro" : $"xen-{instance.VirtualizationType}");
    }

    private void AddDevices(InstanceView view)
    {
        Add("block-device-mapping/ami", view.Instance.RootDeviceName);
        Add("block-device-mapping/root", view.Instance.RootDeviceName);
        // Volumes that were attached since the last start are not there.
        var atStart = view.Devices
            .Where(device => device.Attachment.Device != view.Instance.RootDeviceName && device.Attachment.AttachTime <= view.Instance.LaunchTime)
            .Select(static device => device.Attachment.Device);
        foreach (var (index, device) in atStart.Index())
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"block-device-mapping/ebs{index + 1}"), device.Replace("/dev/", "", StringComparison.Ordinal));
        }
    }

    private void AddNetwork(InstanceView view, Region region)
    {
        if (!view.HasNetwork) return;
        var primary = view.Nics[0];
        var name = DnsNames.Private(region.Name, view.Instance.PrivateIp);
        Add("hostname", name);
        Add("local-hostname", name);
        Add("local-ipv4", view.Instance.PrivateIp);
        Add("mac", primary.MacAddress);
        Add("public-hostname", primary.PublicIp is { } ip ? DnsNames.Public(region.Name, ip) : null);
        Add("public-ipv4", primary.PublicIp);
        Add("security-groups", string.Join('\n', view.Groups.Select(static group => group.Name)));
        foreach (var nic in view.Nics)
        {
            AddInterface($"network/interfaces/macs/{nic.MacAddress}/", nic, region);
        }
    }

    private void AddInterface(string folder, NetworkInterfaceRecord nic, Region region)
    {
        Add($"{folder}device-number", nic.DeviceIndex.ToString(CultureInfo.InvariantCulture));
        Add($"{folder}interface-id", nic.Id);
        Add($"{folder}local-hostname", DnsNames.Private(region.Name, nic.PrivateIp));
        Add($"{folder}local-ipv4s", nic.PrivateIp);
        Add($"{folder}mac", nic.MacAddress);
        Add($"{folder}owner-id", region.AccountId);
        Add($"{folder}security-group-ids", string.Join('\n', nic.GroupIds));
        Add($"{folder}security-groups", string.Join('\n', nic.GroupIds.Select(id => region.State.SecurityGroups.GetValueOrDefault(id)?.Name).OfType<string>()));
        Add($"{folder}subnet-id", nic.SubnetId);
        Add($"{folder}subnet-ipv4-cidr-block", region.State.Subnets.GetValueOrDefault(nic.SubnetId)?.CidrBlock);
        Add($"{folder}vpc-id", nic.VpcId);
        Add($"{folder}vpc-ipv4-cidr-block", region.State.Vpcs.GetValueOrDefault(nic.VpcId)?.CidrBlock);
        Add($"{folder}vpc-ipv4-cidr-blocks", region.State.Vpcs.GetValueOrDefault(nic.VpcId)?.CidrBlock);
        if (nic.PublicIp is not { } publicIp) return;
        Add($"{folder}ipv4-associations/{publicIp}", nic.PrivateIp);
        Add($"{folder}public-hostname", DnsNames.Public(region.Name, publicIp));
        Add($"{folder}public-ipv4s", publicIp);
    }
}
