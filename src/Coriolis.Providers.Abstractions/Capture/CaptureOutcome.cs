namespace Coriolis.Providers;

/// <summary>How the execution that used a capture ended.</summary>
public enum CaptureOutcome
{
    /// <summary>At least one disk was not committed, or the execution was cancelled.</summary>
    Failed = 0,

    /// <summary>Every disk was committed.</summary>
    Succeeded,
}
