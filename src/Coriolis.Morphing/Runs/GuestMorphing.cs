using System.Security.Cryptography;
using Coriolis.Morphing.Detection;
using Coriolis.Morphing.Mounting;
using Coriolis.Morphing.Staging;
using Coriolis.Storage;

namespace Coriolis.Morphing.Runs;

/// <summary>Morphs the guest on a replica's disks, and takes a morph back.</summary>
/// <param name="morphers">What to do to a guest, in order.</param>
/// <param name="timeProvider">Measures time-outs and dates reports.</param>
/// <remarks>
/// Linux only, as root. Changes are made to a stage in memory first; the disks are written when all morphers have
/// succeeded and everything that will be replaced or removed is safe in the undo archive. Thread safety: a guest may be
/// worked on by one call at a time, different guests by several.
/// </remarks>
public sealed class GuestMorphing(IEnumerable<IOsMorpher> morphers, TimeProvider timeProvider)
{
    private const string UndoSuffix = ".undo.tar";

    /// <summary>Morphs a guest. A run that was interrupted while it wrote the disks is taken back first.</summary>
    /// <param name="request">Which guest, and how.</param>
    /// <param name="cancellationToken">Cancels until the disks are written; what has begun to be written is finished.</param>
    /// <returns>What was changed.</returns>
    /// <exception cref="GuestException">The guest cannot be read or changed; its disks are then as they were.</exception>
    public async Task<GuestMorphResult> MorphAsync(GuestMorphRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfZero(request.Disks.Count, nameof(request));
        var reportPath = Path.GetFullPath(request.ReportPath ?? request.Disks[0] + ".morph.json");
        var earlier = MorphRecord.TryRead(reportPath);
        if (earlier is { State: MorphRecordState.Applying } && !request.DryRun)
        {
            await UndoAsync(reportPath, request.Passphrase, cancellationToken).ConfigureAwait(false);
            earlier = MorphRecord.TryRead(reportPath);
        }

        MorphRecord? record = null;
        GuestMorphResult result;
        var disks = await GuestDisks.OpenAsync(request.Disks, request.DryRun, request.Passphrase, timeProvider, cancellationToken).ConfigureAwait(false);
        await using (disks.ConfigureAwait(false))
        {
            if (disks.Mounts.Count == 0)
                return Unsupported(disks);

            using var stage = await GuestStage.CreateAsync(disks, timeProvider, cancellationToken).ConfigureAwait(false);
            var (os, reports) = await RunMorphersAsync(stage.Guest, request.Morph, cancellationToken).ConfigureAwait(false);
            var changes = stage.Compare(cancellationToken);
            result = new()
            {
                Os = os,
                Morphs = reports,
                Files = [.. changes.Select(change => new MorphedFile(change.Path, MorphedFileState.From(change.Before), MorphedFileState.From(change.After)))],
                Warnings = disks.Warnings,
            };
            if (request.DryRun || changes.Count == 0)
                return result;

            if (earlier is { State: MorphRecordState.Applied })
            {
                throw new GuestException($"{reportPath} is the report of an earlier morph, which this one would make useless.")
                {
                    ResourceId = reportPath,
                    Remedy = "Undo the earlier morph, or give this one a report of its own.",
                };
            }

            record = Prepare(disks, result, changes, reportPath, cancellationToken);
            MarkMorphed(disks, reportPath);
            Apply(disks, stage, changes, record, reportPath);
        }

        (record with { State = MorphRecordState.Applied }).Write(reportPath);
        return result with { ReportPath = reportPath };
    }

    /// <summary>Morphs a guest that somebody else has mounted, on this machine or on another: an orchestrator on its OS-morphing worker.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="request">What the morphers are asked for.</param>
    /// <param name="cancellationToken">Cancels between two changes; what was changed is in the guest and can be continued.</param>
    /// <returns>What was changed. There is neither a list of files nor a report to undo.</returns>
    /// <exception cref="GuestException">A file of the guest cannot be read or changed, or the machine that holds it cannot be reached any more.</exception>
    /// <remarks>
    /// Changes are made at once, without a stage: who mounted the guest can keep a snapshot of its disks, and only they know
    /// which file systems are mounted where. A run that was interrupted is completed by repeating it.
    /// </remarks>
    public async Task<GuestMorphResult> MorphInPlaceAsync(IGuestRoot guest, MorphRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(guest);
        ArgumentNullException.ThrowIfNull(request);
        var (os, reports) = await RunMorphersAsync(guest, request, cancellationToken).ConfigureAwait(false);
        return new() { Os = os, Morphs = reports, Files = [], Warnings = os.Type == OsType.Linux ? [] : [NothingToDo(os.Type)] };
    }

    /// <summary>Takes a morph back: every entry is as it was before, with its owner, mode, times and attributes.</summary>
    /// <param name="reportPath">The morph's report; its undo archive is beside it.</param>
    /// <param name="passphrase">Opens the guest's encrypted volumes; empty when it has none.</param>
    /// <param name="cancellationToken">Cancels until the disks are written.</param>
    /// <returns>How many entries were restored or removed; 0 when the morph is undone already.</returns>
    /// <exception cref="GuestException">The report, the archive or the guest is not as the morph left it.</exception>
    public async Task<int> UndoAsync(
        string reportPath, ReadOnlyMemory<byte> passphrase = default, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(reportPath);
        var full = Path.GetFullPath(reportPath);
        var record = MorphRecord.TryRead(full) ?? throw new GuestException($"There is no report {full}.") { ResourceId = full };
        if (record.State == MorphRecordState.Undone)
            return 0;

        using var archive = record.OpenArchive(full);
        var disks = await GuestDisks.OpenAsync(record.Disks, readOnly: false, passphrase, timeProvider, cancellationToken).ConfigureAwait(false);
        await using (disks.ConfigureAwait(false))
        {
            if (disks.Mounts.Count == 0)
                throw new GuestException(string.Join(' ', [$"No guest is found on {string.Join(", ", record.Disks)}.", .. disks.Warnings]));

            using var guest = OpenTree(disks);
            MorphedFileCheck.ThrowIfChangedSince(guest, record);
            ChangeApplication.Undo(guest, CreatedBy(record), archive);
        }

        foreach (var disk in record.Disks)
            MorphedMarker.Clear(disk);
        (record with { State = MorphRecordState.Undone }).Write(full);
        return record.Files.Count;
    }

    private static IEnumerable<string> CreatedBy(MorphRecord record) => record.Files.Where(file => file.Before is null).Select(file => file.Path);

    private static GuestTree OpenTree(GuestDisks disks) =>
        new(disks.Mounts.Where(mount => mount.CanStage), mount => disks.Space.Outside(mount.Directory));

    // Before the first write, so that no replication ever takes a changed disk for its own.
    private static void MarkMorphed(GuestDisks disks, string reportPath)
    {
        foreach (var disk in disks.DiskPaths.Where(path => !path.StartsWith("/dev/", StringComparison.Ordinal)))
            MorphedMarker.Set(disk, reportPath);
    }

    private static GuestMorphResult Unsupported(GuestDisks disks)
    {
        var windows = disks.Volumes.Any(volume => volume.Type is "ntfs" or "BitLocker");
        return new()
        {
            Os = windows
                ? new() { Type = OsType.Windows, Name = "Microsoft Windows", Id = "windows" }
                : new() { Type = OsType.Other, Name = "unknown operating system" },
            Morphs = [],
            Files = [],
            Warnings = [.. disks.Warnings, NothingToDo(windows ? OsType.Windows : OsType.Other)],
        };
    }

    private static string NothingToDo(OsType type) => type == OsType.Windows
        ? "Windows guests are not morphed; nothing was changed."
        : "No root file system of a Linux guest was found; nothing was changed.";

    private async Task<(GuestOs Os, IReadOnlyList<MorphReport> Reports)> RunMorphersAsync(
        IGuestRoot guest, MorphRequest request, CancellationToken cancellationToken)
    {
        var os = await GuestOsDetector.DetectAsync(guest, cancellationToken).ConfigureAwait(false);
        var reports = new List<MorphReport>();
        foreach (var morpher in morphers)
        {
            if (!await morpher.CanMorphAsync(guest, os, cancellationToken).ConfigureAwait(false))
                continue;

            var report = await morpher.MorphAsync(guest, os, request, cancellationToken).ConfigureAwait(false);
            if (report.Changes.Count > 0 || report.Warnings.Count > 0)
                reports.Add(report);
        }

        return (os, reports);
    }

    private MorphRecord Prepare(
        GuestDisks disks, GuestMorphResult result, IReadOnlyList<FileChange> changes, string reportPath, CancellationToken cancellationToken)
    {
        var archivePath = reportPath + UndoSuffix;
        using var guest = OpenTree(disks);

        // The archive may hold password hashes and private keys of the guest.
        using var archive = new FileStream(DurableFile.Recreate(archivePath), FileAccess.ReadWrite);
        UndoArchive.Write(archive, guest, changes, cancellationToken);
        archive.Flush(flushToDisk: true);
        archive.Position = 0;

        var record = new MorphRecord
        {
            Format = MorphRecord.CurrentFormat,
            State = MorphRecordState.Applying,
            Time = timeProvider.GetUtcNow(),
            Disks = disks.DiskPaths,
            Os = result.Os,
            Morphs = result.Morphs,
            Files = result.Files,
            Warnings = result.Warnings,
            UndoArchive = Path.GetFileName(archivePath),
            UndoArchiveSha256 = Convert.ToHexStringLower(SHA256.HashData(archive)),
        };
        record.Write(reportPath);
        return record;
    }

    private static void Apply(
        GuestDisks disks, GuestStage stage, IReadOnlyList<FileChange> changes, MorphRecord record, string reportPath)
    {
        using var guest = OpenTree(disks);
        using var staged = stage.OpenChanges();
        try
        {
            ChangeApplication.Apply(guest, staged, changes);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            using var archive = record.OpenArchive(reportPath);
            ChangeApplication.Undo(guest, CreatedBy(record), archive);
            foreach (var disk in record.Disks)
                MorphedMarker.Clear(disk);
            (record with { State = MorphRecordState.Undone }).Write(reportPath);
            throw new GuestException($"The guest's disks cannot be changed and are as they were: {failure.Message}", failure)
            {
                Remedy = "Check that the guest's file systems have free space.",
            };
        }
    }
}
