using System.Globalization;
using Coriolis.Morphing.Processes;

namespace Coriolis.Morphing.Disks;

/// <summary>Finds out with blkid(8) what the partitions of a disk hold.</summary>
internal static class VolumeProbe
{
    private const int NothingFound = 2;

    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(1);

    /// <summary>Probes the partitions of a disk, or all of it when it has none.</summary>
    public static async Task<IReadOnlyList<GuestVolume>> ProbeAsync(DiskImage disk, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var volumes = new List<GuestVolume>();
        Partition?[] parts = disk.Partitions.Count > 0 ? [.. disk.Partitions] : [null];
        foreach (var part in parts)
        {
            var found = await ProbeAsync(disk.Path, part?.Offset ?? 0, part?.Length ?? disk.Length, timeProvider, cancellationToken).ConfigureAwait(false);
            if (found is not null)
                volumes.Add(found with { Partition = part });
        }

        return volumes;
    }

    /// <summary>Probes a part of a disk.</summary>
    /// <returns><see langword="null"/> when it holds nothing that blkid knows.</returns>
    public static async Task<GuestVolume?> ProbeAsync(
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
            Offset = offset,
            Length = length,
            Type = type,
            Uuid = values.GetValueOrDefault("UUID"),
            Label = values.GetValueOrDefault("LABEL"),
        };
    }

    private static string Unescape(string value) => value.Replace("\\", "", StringComparison.Ordinal);
}
