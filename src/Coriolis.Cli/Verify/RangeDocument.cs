namespace Coriolis.Cli;

/// <summary>A range of bytes of a disk.</summary>
internal sealed record RangeDocument(long Offset, long Length);
