using System.ComponentModel.DataAnnotations;
using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>How replicas are made.</summary>
public sealed class ReplicationOptions
{
    /// <summary>The directory that holds manifests, journals and locks. It is created when there is none.</summary>
    /// <value>Required.</value>
    [Required]
    public string StateDirectory { get; set; } = "";

    /// <summary>
    /// Bytes of memory for chunks in flight, shared by all disks of the process. A verification of manifests with another chunk size has as
    /// much again for that size.
    /// </summary>
    /// <value>The default is 67,108,864 (64 MiB). At least two chunks.</value>
    public long MemoryBudgetBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Size of a chunk in bytes; a power of two. Changing it makes the next execution a full one.</summary>
    /// <value>The default is 524,288, the block size of the EBS direct APIs. From 4,096 to 16,777,216.</value>
    [Range(4 * 1024, 16 * 1024 * 1024)]
    public int ChunkSize { get; set; } = ChunkRange.DefaultChunkSize;

    /// <summary>How many chunks of one disk are read at once, as far as the memory allows.</summary>
    /// <value>The default is 64. From 1 to 1,024.</value>
    [Range(1, 1024)]
    public int MaxReadsPerDisk { get; set; } = 64;

    /// <summary>How long calls in flight may take to stop after a failure or a cancellation; then they are abandoned.</summary>
    /// <value>The default is 30 seconds. Not negative, at most 10 minutes.</value>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the progress inside a disk is made durable; an execution that is killed loses no more than that.</summary>
    /// <value>The default is 15 seconds. Zero: after every chunk. Not negative, at most one day.</value>
    public TimeSpan ResumePointInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How old the capture of a killed execution may be to be continued; an older one is removed and a new one is made.</summary>
    /// <value>The default is 12 hours. Zero: never. Not negative, at most 7 days.</value>
    public TimeSpan ResumeWithin { get; set; } = TimeSpan.FromHours(12);
}
