using System.Security.Cryptography;
using Coriolis.Morphing.Detection;
using Coriolis.Morphing.Guests;
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
        return await MorphAsync(
            reportPath,
            request.DryRun,
            request.Morph,
            (_, readOnly) => GuestDisks.OpenAsync(request.Disks, readOnly, request.Passphrase, timeProvider, cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Morphs a guest that somebody else has mounted, on this machine or on another: an orchestrator on its OS-morphing worker.</summary>
    /// <param name="guest">A <see cref="Guests.LocalGuestRoot"/> or <see cref="Ssh.SshGuestRoot"/> on the directory where the guest's root is mounted. Its other file systems belong below it, as its fstab says.</param>
    /// <param name="request">How to morph it.</param>
    /// <param name="cancellationToken">Cancels until the guest's file systems are written; what has begun to be written is finished.</param>
    /// <returns>What was changed.</returns>
    /// <exception cref="GuestException">The guest cannot be read or changed, and is then as it was, or the machine that holds it cannot be reached any more.</exception>
    /// <remarks>
    /// Stage, report and undo are those of a guest on disks. The stage is in the memory of the machine that holds the guest, report and undo
    /// archive are on this one. A run that was interrupted while it wrote is taken back by the next one with the same report.
    /// </remarks>
    public Task<GuestMorphResult> MorphMountedAsync(IGuestRoot guest, MountedGuestMorphRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(guest);
        ArgumentNullException.ThrowIfNull(request);
        var directory = InDirectory(guest);
        return MorphAsync(
            Path.GetFullPath(request.ReportPath), request.DryRun, request.Morph, (_, _) => directory.MountAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Morphs a guest that nothing but <see cref="IGuestRoot"/> is known of, without a stage.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="request">What the morphers are asked for.</param>
    /// <param name="cancellationToken">Cancels between two changes; what was changed is in the guest and can be continued.</param>
    /// <returns>What was changed. There is neither a list of files nor a report to undo.</returns>
    /// <exception cref="GuestException">A file of the guest cannot be read or changed, a package cannot be removed, or the machine that holds the guest cannot be reached any more.</exception>
    /// <remarks>
    /// Changes are made at once: for a guest root of one's own, or a machine whose kernel has no overlay. Keep a snapshot of the disks
    /// for a way back. A run that was interrupted is completed by repeating it.
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
        return await UndoAsync(
            Path.GetFullPath(reportPath),
            (record, readOnly) => record!.Disks.Count > 0
                ? GuestDisks.OpenAsync(record.Disks, readOnly, passphrase, timeProvider, cancellationToken)
                : throw new GuestException($"{reportPath} is about {record.Guest}, which somebody else has mounted.")
                {
                    ResourceId = reportPath,
                    Remedy = "Mount the guest again, and undo the morph with the guest's root.",
                },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a morph of a guest back that somebody else has mounted.</summary>
    /// <param name="guest">The same guest, wherever it is mounted now.</param>
    /// <param name="reportPath">The morph's report; its undo archive is beside it.</param>
    /// <param name="cancellationToken">Cancels until the guest's file systems are written.</param>
    /// <returns>How many entries were restored or removed; 0 when the morph is undone already.</returns>
    /// <exception cref="GuestException">The report, the archive or the guest is not as the morph left it, or the machine that holds it cannot be reached any more.</exception>
    public Task<int> UndoMountedAsync(IGuestRoot guest, string reportPath, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(guest);
        ArgumentException.ThrowIfNullOrEmpty(reportPath);
        var directory = InDirectory(guest);
        return UndoAsync(
            Path.GetFullPath(reportPath),
            (record, _) => record!.Disks.Count == 0
                ? directory.MountAsync(cancellationToken)
                : throw new GuestException($"{reportPath} is about the guest on {string.Join(", ", record.Disks)}.")
                {
                    ResourceId = reportPath,
                    Remedy = "Undo it with the report alone, on the machine that has these disks.",
                },
            cancellationToken);
    }

    private delegate Task<IMountedGuest> OpenGuest(MorphRecord? record, bool readOnly);

    private static IDirectoryGuest InDirectory(IGuestRoot guest) => guest as IDirectoryGuest
        ?? throw new ArgumentException("Changes are staged in a LocalGuestRoot or SshGuestRoot only; any other is morphed in place.", nameof(guest));

    private async Task<GuestMorphResult> MorphAsync(
        string reportPath, bool dryRun, MorphRequest request, OpenGuest open, CancellationToken cancellationToken)
    {
        var earlier = MorphRecord.TryRead(reportPath);
        if (earlier is { State: MorphRecordState.Applying } && !dryRun)
        {
            await UndoAsync(reportPath, open, cancellationToken).ConfigureAwait(false);
            earlier = MorphRecord.TryRead(reportPath);
        }

        try
        {
            return await MorphStagedAsync(reportPath, dryRun, request, earlier, open, cancellationToken).ConfigureAwait(false);
        }
        catch (GuestException failure) when (failure.Packages.Any(package => !request.KeptPackages.ContainsKey(package)))
        {
            // The stage is gone, with all that the packages' scripts have done: the guest is as it was, and these are disabled instead.
            var kept = request.KeptPackages.ToDictionary(StringComparer.Ordinal);
            foreach (var package in failure.Packages)
                kept.TryAdd(package, failure.Problem);
            return await MorphAsync(reportPath, dryRun, request with { KeptPackages = kept }, open, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<GuestMorphResult> MorphStagedAsync(
        string reportPath, bool dryRun, MorphRequest request, MorphRecord? earlier, OpenGuest open, CancellationToken cancellationToken)
    {
        MorphRecord? record = null;
        GuestMorphResult result;
        var guest = await open(earlier, dryRun).ConfigureAwait(false);
        await using (guest.ConfigureAwait(false))
        {
            if (guest.Unsupported is { } unsupported)
                return Unsupported(unsupported, guest.Warnings);

            using var stage = await guest.StageAsync(cancellationToken).ConfigureAwait(false);
            using var tree = guest.OpenTree();
            var (os, reports) = await RunMorphersAsync(stage.Guest, request, cancellationToken).ConfigureAwait(false);
            var changes = await tree.CompareAsync(cancellationToken).ConfigureAwait(false);
            result = new()
            {
                Os = os,
                Morphs = reports,
                Files = [.. changes.Select(change => new MorphedFile(change.Path, MorphedFileState.From(change.Before), MorphedFileState.From(change.After)))],
                Warnings = os.Type == OsType.Linux ? guest.Warnings : [.. guest.Warnings, NothingToDo(os.Type)],
            };
            if (dryRun || changes.Count == 0)
                return result;

            if (earlier is { State: MorphRecordState.Applied })
            {
                throw new GuestException($"{reportPath} is the report of an earlier morph, which this one would make useless.")
                {
                    ResourceId = reportPath,
                    Remedy = "Undo the earlier morph, or give this one a report of its own.",
                };
            }

            record = await PrepareAsync(guest, tree, result, changes, reportPath, cancellationToken).ConfigureAwait(false);
            MarkMorphed(guest, reportPath);
            await ApplyAsync(tree, changes, record, reportPath).ConfigureAwait(false);
        }

        (record with { State = MorphRecordState.Applied }).Write(reportPath);
        return result with { ReportPath = reportPath };
    }

    private async Task<int> UndoAsync(string reportPath, OpenGuest open, CancellationToken cancellationToken)
    {
        var record = MorphRecord.TryRead(reportPath) ?? throw new GuestException($"There is no report {reportPath}.") { ResourceId = reportPath };
        if (record.State == MorphRecordState.Undone)
            return 0;

        using var archive = record.OpenArchive(reportPath);
        var guest = await open(record, false).ConfigureAwait(false);
        await using (guest.ConfigureAwait(false))
        {
            if (guest.Unsupported is not null)
                throw new GuestException(string.Join(' ', [$"No guest is found on {guest.Description}.", .. guest.Warnings]));

            using var tree = guest.OpenTree();
            await MorphedFileCheck.ThrowIfChangedSinceAsync(tree, record, cancellationToken).ConfigureAwait(false);

            // An undo that is interrupted leaves the guest in between like a morph that is.
            (record with { State = MorphRecordState.Applying }).Write(reportPath);
            await RestoreAsync(tree, record, archive).ConfigureAwait(false);
        }

        foreach (var disk in record.Disks)
            MorphedMarker.Clear(disk);
        (record with { State = MorphRecordState.Undone, UndoTime = timeProvider.GetUtcNow() }).Write(reportPath);
        return record.Files.Count;
    }

    // What has begun to be written is finished: this takes no token.
    private static async Task RestoreAsync(IGuestTree tree, MorphRecord record, Stream archive)
    {
        string[] created = [.. record.Files.Where(file => file.Before is null).Select(file => file.Path)];
        try
        {
            await tree.RestoreAsync(created, archive, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new GuestException($"The guest cannot be restored and is in between: {failure.Message}", failure)
            {
                Remedy = "Check that the guest's file systems have free space and that nothing was put into what the morph created, and undo it again.",
            };
        }
    }

    // Before the first write, so that no replication ever takes a changed disk for its own.
    private static void MarkMorphed(IMountedGuest guest, string reportPath)
    {
        foreach (var disk in guest.DiskPaths.Where(path => !path.StartsWith("/dev/", StringComparison.Ordinal)))
            MorphedMarker.Set(disk, reportPath);
    }

    private static GuestMorphResult Unsupported(OsType type, IReadOnlyList<string> warnings) => new()
    {
        Os = type == OsType.Windows
            ? new() { Type = OsType.Windows, Name = "Microsoft Windows", Id = "windows" }
            : new() { Type = OsType.Other, Name = "unknown operating system" },
        Morphs = [],
        Files = [],
        Warnings = [.. warnings, NothingToDo(type)],
    };

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

    private async Task<MorphRecord> PrepareAsync(
        IMountedGuest guest,
        IGuestTree tree,
        GuestMorphResult result,
        IReadOnlyList<FileChange> changes,
        string reportPath,
        CancellationToken cancellationToken)
    {
        var archivePath = reportPath + UndoSuffix;

        // The archive may hold password hashes and private keys of the guest.
        var archive = new FileStream(DurableFile.Recreate(archivePath), FileAccess.ReadWrite);
        await using (archive.ConfigureAwait(false))
        {
            var entries = tree.ReadAsync(UndoArchive.PathsOf(changes), cancellationToken);
            await UndoArchive.WriteAsync(archive, entries, cancellationToken).ConfigureAwait(false);
            archive.Flush(flushToDisk: true);
            archive.Position = 0;

            var record = new MorphRecord
            {
                Format = MorphRecord.CurrentFormat,
                State = MorphRecordState.Applying,
                Time = timeProvider.GetUtcNow(),
                Guest = guest.Description,
                Disks = guest.DiskPaths,
                Os = result.Os,
                Morphs = result.Morphs,
                Files = result.Files,
                Warnings = result.Warnings,
                UndoArchive = Path.GetFileName(archivePath),
                UndoArchiveSha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(archive, cancellationToken).ConfigureAwait(false)),
            };
            record.Write(reportPath);
            return record;
        }
    }

    private static async Task ApplyAsync(IGuestTree tree, IReadOnlyList<FileChange> changes, MorphRecord record, string reportPath)
    {
        try
        {
            await tree.ApplyAsync(changes, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not GuestException { IsTransient: true })
        {
            // Whatever it was, the guest must not stay half changed; but where the machine that holds it is out of reach, nothing can be taken back yet.
            using var archive = record.OpenArchive(reportPath);
            await RestoreAsync(tree, record, archive).ConfigureAwait(false);
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
