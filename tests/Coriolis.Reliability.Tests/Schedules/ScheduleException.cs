namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>The product did what it must never do.</summary>
internal sealed class ScheduleException(string message, Exception? inner = null) : Exception(message, inner);
