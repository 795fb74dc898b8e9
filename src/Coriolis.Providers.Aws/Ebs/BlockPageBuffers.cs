using System.Buffers;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>The buffers of block lists: megabytes each, and few at a time.</summary>
internal static class BlockPageBuffers
{
    /// <summary>The longest list that is accepted. Ten thousand entries with the longest tokens are below 7 MB.</summary>
    public const int MaxLength = 16 << 20;

    // The shared pool keeps one array of each size for every thread and core, which are a hundred megabytes for these sizes.
    private const int KeptOfEachSize = 6;

    public static ArrayPool<byte> Pool { get; } = ArrayPool<byte>.Create(MaxLength, KeptOfEachSize);
}
