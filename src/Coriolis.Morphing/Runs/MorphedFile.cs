namespace Coriolis.Morphing.Runs;

/// <summary>One entry of the guest's file systems that a morph run created, changed or removed.</summary>
/// <param name="Path">The path in the guest.</param>
/// <param name="Before">What was there; <see langword="null"/> for a created entry.</param>
/// <param name="After">What is there now; <see langword="null"/> for a removed entry.</param>
public sealed record MorphedFile(string Path, MorphedFileState? Before, MorphedFileState? After);
