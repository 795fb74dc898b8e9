using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Regions;

/// <summary>Lists regions and availability zones.</summary>
internal sealed class RegionListing(RegionSet regions)
{
    private const string OptIn = "opt-in-not-required";

    private static readonly FilterTable<string> s_regionFilters = new()
    {
        { "endpoint", Endpoint },
        { "opt-in-status", static _ => OptIn },
        { "region-name", static name => name },
    };

    private static readonly FilterTable<string> s_zoneFilters = new()
    {
        { "group-name", RegionOf },
        { "opt-in-status", static _ => OptIn },
        { "region-name", RegionOf },
        { "state", static _ => "available" },
        { "zone-id", ZoneNames.IdOf },
        { "zone-name", static zone => zone },
        { "zone-type", static _ => "availability-zone" },
    };

    public void DescribeRegions(Ec2Call call)
    {
        var names = call.Parameters.List("RegionName");
        var known = regions.Names;
        var unknown = names.FirstOrDefault(name => !known.Contains(name));
        if (unknown is not null) throw Ec2Errors.InvalidValue($"Invalid region names: [{unknown}]");
        var selected = s_regionFilters.Apply(call.Parameters, names.Count > 0 ? names : known).Order(StringComparer.Ordinal);
        call.Response.AddList("regionInfo", selected, name =>
        {
            call.Response.Add("regionName", name);
            call.Response.Add("regionEndpoint", Endpoint(name));
            call.Response.Add("optInStatus", OptIn);
        });
    }

    public static void DescribeZones(Ec2Call call)
    {
        var zones = ZoneNames.Of(call.Region.Name);
        var names = call.Parameters.List("ZoneName");
        var ids = call.Parameters.List("ZoneId");
        var unknown = names.FirstOrDefault(name => !zones.Contains(name)) ?? ids.FirstOrDefault(id => ZoneNames.FromId(call.Region.Name, id) is null);
        if (unknown is not null) throw Ec2Errors.InvalidValue($"Invalid availability zone: [{unknown}]");
        var selected = zones.Where(zone => (names.Count == 0 || names.Contains(zone)) && (ids.Count == 0 || ids.Contains(ZoneNames.IdOf(zone))));
        call.Response.AddList("availabilityZoneInfo", s_zoneFilters.Apply(call.Parameters, selected), zone =>
        {
            call.Response.Add("zoneName", zone);
            call.Response.Add("zoneId", ZoneNames.IdOf(zone));
            call.Response.Add("zoneState", "available");
            call.Response.Add("regionName", call.Region.Name);
            call.Response.Add("groupName", call.Region.Name);
            call.Response.Add("networkBorderGroup", call.Region.Name);
            call.Response.Add("optInStatus", OptIn);
            call.Response.Add("zoneType", "availability-zone");
        });
    }

    private static string Endpoint(string name) => $"ec2.{name}.amazonaws.com";

    private static string RegionOf(string zone) => zone[..^1];
}
