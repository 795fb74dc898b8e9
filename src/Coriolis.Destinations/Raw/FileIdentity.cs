namespace Coriolis.Destinations;

/// <summary>What shows that a file was replaced, resized or modified.</summary>
internal sealed record FileIdentity(long Length, long Inode, long ModifiedUnixNanoseconds);
