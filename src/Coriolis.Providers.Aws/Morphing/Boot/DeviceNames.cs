using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Boot;

/// <summary>Names of disks that another machine does not give them.</summary>
internal static partial class DeviceNames
{
    /// <summary>Whether a name comes from a disk's place in the machine or from its EBS volume.</summary>
    public static bool IsBound(string device) => Bound().IsMatch(device);

    [GeneratedRegex(@"^/dev/((xvd|sd|vd|hd)[a-z]+\d*|nvme\d+n\d+(p\d+)?|disk/by-path/\S+|disk/by-id/nvme-(Amazon|nvme\.1d0f)\S*)$")]
    private static partial Regex Bound();
}
