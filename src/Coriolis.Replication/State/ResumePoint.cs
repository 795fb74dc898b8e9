namespace Coriolis.Replication;

/// <summary>How far an execution is with a disk: what <c>DISK.resume</c> holds.</summary>
/// <param name="ExecutionId">The execution.</param>
/// <param name="SourceReference">The captured state of the disk that is being copied.</param>
/// <param name="SizeBytes">Size of the disk in bytes.</param>
/// <param name="ChunkSize">Size of a chunk in bytes.</param>
/// <param name="PositionBytes">
/// Before this byte, a multiple of the chunk size or the end of the disk, the draft has the digests of the captured state, and
/// the destination held it when it had been flushed.
/// </param>
/// <param name="Digest">
/// In hexadecimal, the SHA-256 over what is being copied and the draft's digests before the position: it shows that the draft is the one meant.
/// </param>
internal sealed record ResumePoint(
    string ExecutionId, string SourceReference, long SizeBytes, int ChunkSize, long PositionBytes, string Digest);
