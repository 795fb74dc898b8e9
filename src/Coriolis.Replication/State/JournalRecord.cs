namespace Coriolis.Replication;

/// <summary>One line of a journal.</summary>
internal sealed record JournalRecord(JournalEvent Event, DateTimeOffset At, string? Intent = null, string? Type = null, string? Id = null);
