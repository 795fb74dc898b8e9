using System.Globalization;
using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Protocol;

namespace Coriolis.Aws.Emulator.Ec2.InstanceTypes;

/// <summary>DescribeInstanceTypes and DescribeInstanceTypeOfferings.</summary>
internal static class TypeListing
{
    private static readonly FilterTable<InstanceTypeSpec> s_filters = new()
    {
        { "auto-recovery-supported", static _ => true },
        { "bare-metal", static _ => false },
        { "burstable-performance-supported", static type => type.Family.Burstable },
        { "current-generation", static type => type.Family.CurrentGeneration },
        { "ebs-info.ebs-optimized-support", static type => type.Family.Nitro ? "default" : "supported" },
        { "ebs-info.encryption-support", static _ => "supported" },
        { "ebs-info.nvme-support", static type => type.Family.Nitro ? "required" : "unsupported" },
        { "free-tier-eligible", static type => TypeXml.IsFreeTier(type) },
        { "hibernation-supported", static type => type.Family.Hibernation },
        { "hypervisor", static type => TypeXml.Hypervisor(type) },
        { "instance-storage-supported", static type => type.StoreDisks > 0 },
        { "instance-type", static type => type.Name },
        { "memory-info.size-in-mib", static type => type.MemoryMiB },
        { "network-info.ena-support", static type => TypeXml.EnaSupport(type) },
        { "processor-info.supported-architecture", static type => type.Family.Architectures },
        { "supported-boot-mode", static type => type.Family.BootModes },
        { "supported-root-device-type", static _ => "ebs" },
        { "supported-usage-class", static _ => (IEnumerable<string?>)["on-demand", "spot"] },
        { "supported-virtualization-type", static _ => "hvm" },
        { "vcpu-info.default-cores", static type => (type.VCpus / type.Family.ThreadsPerCore).ToString(CultureInfo.InvariantCulture) },
        { "vcpu-info.default-threads-per-core", static type => type.Family.ThreadsPerCore },
        { "vcpu-info.default-vcpus", static type => type.VCpus },
    };

    private static readonly FilterTable<(string Type, string Location)> s_offeringFilters = new()
    {
        { "instance-type", static offering => offering.Type },
        { "location", static offering => offering.Location },
    };

    public static void Describe(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "InstanceType", "instanceTypes");
        var names = call.Parameters.List("InstanceType");
        var unknown = names.Where(static name => !InstanceTypeTable.All.ContainsKey(name)).ToList();
        if (unknown.Count > 0)
        {
            throw Ec2Errors.Create("InvalidInstanceType", $"The following supplied instance types do not exist: [{string.Join(", ", unknown)}]");
        }

        var types = names.Count > 0 ? names.Distinct().Select(static name => InstanceTypeTable.All[name]) : InstanceTypeTable.All.Values;
        var page = Pages.Take(call, s_filters.Apply(call.Parameters, types), static type => type.Name, min: 5, max: 100);
        call.Response.AddList("instanceTypeSet", page, type => TypeXml.Write(call.Response, type));
    }

    public static void DescribeOfferings(Ec2Call call)
    {
        var locationType = call.Parameters.Text("LocationType") ?? "region";
        IEnumerable<string> locations = locationType switch
        {
            "region" => [call.Region.Name],
            "availability-zone" => ZoneNames.Of(call.Region.Name),
            "availability-zone-id" => ZoneNames.Of(call.Region.Name).Select(ZoneNames.IdOf),
            _ => throw Ec2Errors.InvalidValue($"Invalid value '{locationType}' for LocationType."),
        };
        var offerings = InstanceTypeTable.All.Keys.SelectMany(name => locations.Select(location => (name, location)));
        var page = Pages.Take(call, s_offeringFilters.Apply(call.Parameters, offerings), static offering => $"{offering.Type} {offering.Location}");
        call.Response.AddList("instanceTypeOfferingSet", page, offering =>
        {
            call.Response.Add("instanceType", offering.Type);
            call.Response.Add("locationType", locationType);
            call.Response.Add("location", offering.Location);
        });
    }
}
