using System.ComponentModel.DataAnnotations;

namespace Coriolis.Destinations;

/// <summary>Where raw disks are written.</summary>
public sealed class RawDestinationOptions
{
    /// <summary>The folder that gets one sparse file <c>DISK-ID.raw</c> per disk and a marker beside each. It must exist.</summary>
    /// <value>Required.</value>
    [Required]
    public string Directory { get; set; } = "";

    /// <summary>Block devices to write instead of files, by disk id. Their markers are in <see cref="Directory"/>.</summary>
    /// <value>The default is empty.</value>
    public IDictionary<string, string> BlockDevices { get; } = new Dictionary<string, string>();

    /// <summary>How many reads and writes may be in flight at once on one disk.</summary>
    /// <value>The default is 16. From 1 to 256.</value>
    [Range(1, 256)]
    public int MaxConcurrency { get; set; } = 16;
}
