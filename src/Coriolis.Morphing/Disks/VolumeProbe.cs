using System.Globalization;
using Coriolis.Morphing.Processes;

namespace Coriolis.Morphing.Disks;

/// <summary>Finds out with blkid(8) what the partitions of a disk hold.</summary>
internal static class VolumeProbe
{
    private const int NothingFound = 2;
    private const int Ambivalent = 8;

    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(1);

    /// <summary>Probes the partitions of a disk, or all of it when it has none.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="warnings">Takes what cannot be told, as sentences.</param>
    /// <param name="timeProvider">Measures time-outs.</param>
    /// <param name="cancellationToken">Cancels between two partitions.</param>
    public static async Task<IReadOnlyList<GuestVolume>> ProbeAsync(
        DiskImage disk, ICollection<string> warnings, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var volumes = new List<GuestVolume>();
        Partition?[] parts = disk.Partitions.Count > 0 ? [.. disk.Partitions] : [null];
        foreach (var part in parts)
        {
            var place = new GuestVolume { DiskPath = disk.Path, Partition = part, Offset = part?.Offset ?? 0, Length = part?.Length ?? disk.Length, Type = "" };
            if (await ProbeAsync(place, warnings, timeProvider, cancellationToken).ConfigureAwait(false) is { } found)
                volumes.Add(found);
        }

        return volumes;
    }

    /// <summary>Probes a part of a disk.</summary>
    /// <param name="place">Where it is; its type is not known yet.</param>
    /// <param name="warnings">Takes what cannot be told, as sentences.</param>
    /// <param name="timeProvider">Measures time-outs.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What is there; <see langword="null"/> when it is nothing that blkid knows for certain.</returns>
    public static async Task<GuestVolume?> ProbeAsync(
        GuestVolume place, ICollection<string> warnings, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        string[] command =
        [
            "blkid", "--probe", "--output", "export",
            "--offset", place.Offset.ToString(CultureInfo.InvariantCulture), "--size", place.Length.ToString(CultureInfo.InvariantCulture), place.DiskPath,
        ];
        var result = await HostProcess.RunAsync(command, new Dictionary<string, string>(), default, s_timeout, timeProvider, cancellationToken)
            .ConfigureAwait(false);
        if (result.ExitCode is not (0 or NothingFound or Ambivalent))
            throw new GuestException($"blkid cannot read {place.DiskPath}: {result.Error.Trim()}") { ResourceId = place.DiskPath };

        if (result.ExitCode == Ambivalent)
            warnings.Add($"What is on {place.Description} cannot be told, because it bears the signs of several file systems; it is not used. See wipefs(8).");

        var values = result.Output.Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => Unescape(pair[1]), StringComparer.Ordinal);
        return result.ExitCode == Ambivalent || !values.TryGetValue("TYPE", out var type) ? null : place with
        {
            Type = type,
            Uuid = values.GetValueOrDefault("UUID"),
            Label = values.GetValueOrDefault("LABEL"),
        };
    }

    private static string Unescape(string value) => value.Replace("\\", "", StringComparison.Ordinal);
}
