using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Runs;

/// <summary>What an entry of the guest's file systems is.</summary>
/// <param name="Kind">What kind of entry.</param>
/// <param name="Mode">Permission bits in octal digits, as <c>chmod</c> takes them.</param>
/// <param name="User">The owner's number.</param>
/// <param name="Group">The group's number.</param>
/// <param name="SizeBytes">The size of a regular file.</param>
/// <param name="Sha256">The SHA-256 of a regular file, in hexadecimal digits.</param>
/// <param name="LinkTarget">Where a symbolic link points.</param>
public sealed record MorphedFileState(
    GuestFileKind Kind, string Mode, long User, long Group, long SizeBytes, string? Sha256, string? LinkTarget)
{
    internal static MorphedFileState? From(FileState? state) => state is null
        ? null
        : new(state.Kind, Convert.ToString((int)state.Mode, 8).PadLeft(4, '0'), state.User, state.Group, state.SizeBytes, state.Sha256, state.LinkTarget);
}
