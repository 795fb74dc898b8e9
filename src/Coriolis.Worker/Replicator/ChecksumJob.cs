using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>The digest of a whole disk, computed when it is first asked for: a plain digest of all bytes, as the destination computes it.</summary>
internal sealed class ChecksumJob(Disk disk, Agent agent, HashKind hash)
{
    private readonly Lock _lock = new();
    private Task<string>? _running;

    /// <summary>The checksum in hexadecimal, or <see langword="null"/> while it is being computed. A failure is reported once, then tried anew.</summary>
    public string? Poll(CancellationToken agentToken)
    {
        lock (_lock)
        {
            _running ??= ComputeAsync(agentToken);
            if (!_running.IsCompleted)
            {
                return null;
            }

            var finished = _running;
            if (!finished.IsCompletedSuccessfully)
            {
                _running = null;
                throw new HttpFaultException(500, finished.Exception?.InnerException?.Message ?? "The agent is ending.");
            }

            return finished.Result;
        }
    }

    private async Task<string> ComputeAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        using var file = DiskFile.Open(disk);
        using var hasher = new ChunkHasher(hash);
        var chunks = ChunkPipeline.Cut([new WorkerRange(0, disk.SizeBytes)], ProtocolLimits.MaxDataChunkSize);
        var results = agent.Pipeline.ReadAsync(
            file, chunks, HashKind.None, keepData: true, ChunkPipeline.BodyDepth, beforeRead: null, cancellationToken);
        await foreach (var result in results.ConfigureAwait(false))
        {
            Append(hasher, result);
        }

        var digest = new byte[ChunkHasher.SizeOf(hash)];
        hasher.Finish(digest);
        return Convert.ToHexStringLower(digest);
    }

    private void Append(ChunkHasher hasher, ChunkResult result)
    {
        if (result.ErrorNumber != 0)
        {
            throw new WorkerReadException(disk.Name, result.Range, result.ErrorNumber);
        }

        if (result.IsZero)
        {
            hasher.AppendZeros(result.Length);
        }
        else
        {
            hasher.Append(result.Data.Span);
        }
    }
}
