namespace Coriolis.Providers;

/// <summary>One step of a capture, for display.</summary>
/// <param name="Stage">The stage in lower-case words, for example <c>waiting for snapshots</c>.</param>
/// <param name="DiskId">The disk concerned, or <see langword="null"/> for all.</param>
/// <param name="Percent">Progress from 0 to 100 as the cloud reports it, or <see langword="null"/> when unknown.</param>
public sealed record CaptureProgress(string Stage, string? DiskId = null, int? Percent = null);
