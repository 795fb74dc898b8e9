namespace Coriolis.Morphing.Staging;

/// <summary>One entry that a stage has different from the guest.</summary>
/// <param name="Path">The path in the guest.</param>
/// <param name="Before">What is in the guest; <see langword="null"/> when nothing is.</param>
/// <param name="After">What is in the stage; <see langword="null"/> when nothing is.</param>
internal sealed record FileChange(string Path, FileState? Before, FileState? After);
