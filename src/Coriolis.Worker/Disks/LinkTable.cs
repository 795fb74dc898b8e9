namespace Coriolis.Worker;

/// <summary>The links in /dev/disk/by-id, by the device that they lead to.</summary>
internal sealed class LinkTable
{
    public const string UrlPrefix = "disk/by-id/";

    private const string ById = "/dev/disk/by-id";

    // AWS names NVMe volumes nvme-Amazon_Elastic_Block_Store_vol0123…; udev may add "_1" for the namespace.
    private const string EbsLink = "nvme-Amazon_Elastic_Block_Store_";

    private readonly ILookup<(uint, uint), string> _names;

    private LinkTable(ILookup<(uint, uint), string> names) => _names = names;

    public static LinkTable Read()
    {
        var links = Sysfs.ListDirectories(ById);
        return new LinkTable((
            from link in links
            let number = Libc.GetBlockDevice(link)
            where number is not null
            select (Number: number.Value, Name: Path.GetFileName(link))).ToLookup(entry => entry.Number, entry => entry.Name));
    }

    public IReadOnlyList<string> Find((uint Major, uint Minor) device) => [.. _names[device].Order(StringComparer.Ordinal)];

    public string FindSerial((uint Major, uint Minor) device) =>
        _names[device].Where(name => name.StartsWith(EbsLink, StringComparison.Ordinal))
            .Select(name => name[EbsLink.Length..].Split('_')[0])
            .FirstOrDefault("");
}
