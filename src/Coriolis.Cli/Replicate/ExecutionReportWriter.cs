using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>Writes the report of an execution for people.</summary>
internal static class ExecutionReportWriter
{
    public static void Write(Terminal terminal, ExecutionReport report)
    {
        terminal.WriteResult(
            $"{report.InstanceId}: {Words.Lower(report.Status)} in {Words.Seconds(report.Duration)}, "
            + $"{Words.Lower(report.Mode)}, execution {report.ExecutionId}");
        if (report.Resumed)
        {
            terminal.WriteResult(
                $"This continued a run that was interrupted; the disks hold {report.PointInTime:u}. Run again for what changed since.");
        }

        terminal.WriteResult(string.Empty);
        var table = new TextTable("DISK", "SIZE", "STATUS", "MODE", "CHANGED", "ZERO", "WRITTEN", "DIGEST");
        foreach (var disk in report.Disks)
        {
            table.Add(
                disk.DiskId,
                ByteSize.Format(disk.SizeBytes),
                Words.Lower(disk.Status),
                Words.Lower(disk.Mode),
                ByteSize.Format(disk.ChangedBytes),
                ByteSize.Format(disk.ZeroBytes),
                ByteSize.Format(disk.TransferredBytes),
                Shorten(disk));
        }

        table.WriteTo(terminal);
        foreach (var disk in report.Disks)
        {
            terminal.WriteResult($"{disk.DiskId} {Words.Lower(disk.Mode)}: {disk.ModeReason}");
        }
    }

    /// <summary>Says why disks failed and what is left behind, on the error stream.</summary>
    public static void WriteProblems(Terminal terminal, ExecutionReport report)
    {
        foreach (var disk in report.Disks)
        {
            if (disk.Error is not null)
            {
                terminal.WriteNote($"error: {disk.DiskId}: {ErrorWriter.Describe(Failure.From(disk.Error))}");
            }
        }

        LeftoverWriter.Write(terminal.WriteNote, report.LeftBehind);
    }

    private static string Shorten(DiskReport disk) => disk.ContentRoot is { } root ? root.ToString()[..16] : "-";
}
