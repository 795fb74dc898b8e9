using System.Globalization;
using Coriolis.Morphing.Processes;

namespace Coriolis.Morphing.Disks;

/// <summary>Finds out with blkid(8) what the partitions of a disk hold.</summary>
internal static class VolumeProbe
{
    private const int NothingFound = 2;

    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(1);

    public static async Task<IReadOnlyList<GuestVolume>> ProbeAsync(
        IReadOnlyList<DiskImage> disks, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var volumes = new List<GuestVolume>();
        for (var index = 0; index < disks.Count; index++)
        {
            var disk = disks[index];
            Partition?[] parts = disk.Partitions.Count > 0 ? [.. disk.Partitions] : [null];
            foreach (var part in parts)
            {
                var found = await ProbeAsync(disk.Path, part?.Offset ?? 0, part?.Length ?? disk.Length, timeProvider, cancellationToken).ConfigureAwait(false);
                if (found is not null)
                    volumes.Add(found with { DiskIndex = index, Partition = part });
            }
        }

        return volumes;
    }

    private static async Task<GuestVolume?> ProbeAsync(
        string path, long offset, long length, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        string[] command =
        [
            "blkid", "--probe", "--output", "export",
            "--offset", offset.ToString(CultureInfo.InvariantCulture), "--size", length.ToString(CultureInfo.InvariantCulture), path,
        ];
        var result = await HostProcess.RunAsync(command, new Dictionary<string, string>(), default, s_timeout, timeProvider, cancellationToken)
            .ConfigureAwait(false);
        if (result.ExitCode is not (0 or NothingFound))
            throw new GuestException($"blkid cannot read {path}: {result.Error.Trim()}") { ResourceId = path };

        var values = result.Output.Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => Unescape(pair[1]), StringComparer.Ordinal);
        return !values.TryGetValue("TYPE", out var type) ? null : new()
        {
            DiskPath = path,
            DiskIndex = 0,
            Offset = offset,
            Length = length,
            Type = type,
            Uuid = values.GetValueOrDefault("UUID"),
            Label = values.GetValueOrDefault("LABEL"),
        };
    }

    private static string Unescape(string value) => value.Replace("\\", "", StringComparison.Ordinal);
}
