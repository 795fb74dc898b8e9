namespace Coriolis.Morphing.Staging;

/// <summary>One entry of a guest's file systems with its bytes.</summary>
/// <param name="Path">The path in the guest.</param>
/// <param name="State">What it is.</param>
/// <param name="Content">The bytes of a regular file, to be read before the next entry is asked for; otherwise <see langword="null"/>.</param>
internal sealed record GuestEntry(string Path, FileState State, Stream? Content);
