using Coriolis.Aws.Emulator.Ec2.Protocol;

namespace Coriolis.Aws.Emulator.Ec2.Networking;

/// <summary>The availability zones of a region: three, named by letters, each with its account-independent id.</summary>
internal static class ZoneNames
{
    public static IReadOnlyList<string> Of(string region) => [$"{region}a", $"{region}b", $"{region}c"];

    /// <summary>The id of a zone, for example <c>use1-az1</c> for <c>us-east-1a</c>.</summary>
    public static string IdOf(string zone)
    {
        var parts = zone[..^1].Split('-');
        var direction = parts[^2] switch
        {
            "north" => "n",
            "south" => "s",
            "east" => "e",
            "west" => "w",
            "central" => "c",
            "northeast" => "ne",
            "northwest" => "nw",
            "southeast" => "se",
            "southwest" => "sw",
            var other => other,
        };
        var government = parts.Length > 3 ? "g" : "";
        return $"{parts[0]}{government}{direction}{parts[^1]}-az{zone[^1] - 'a' + 1}";
    }

    /// <summary>Finds a zone by its id, or throws.</summary>
    public static string RequireById(string region, string zoneId) =>
        FromId(region, zoneId) ?? throw Ec2Errors.Create("InvalidZone.NotFound", $"The zone '{zoneId}' does not exist.");

    /// <summary>Finds a zone by its id.</summary>
    public static string? FromId(string region, string zoneId) => Of(region).FirstOrDefault(zone => IdOf(zone) == zoneId);
}
