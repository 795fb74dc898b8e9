using System.Security.Cryptography;
using System.Text;
using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Ties a resume point to the draft that it is about, in steps as the draft grows.</summary>
internal sealed class ResumeDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ManifestDraft _draft;
    private long _chunks;

    public ResumeDigest(ManifestDraft draft, string sourceReference)
    {
        _draft = draft;
        _hash.AppendData(Encoding.UTF8.GetBytes($"coriolis resume point v1\n{draft.Info.DiskId}\n{sourceReference}\n{draft.Info.SizeBytes}\n{draft.Info.ChunkSize}\n"));
    }

    /// <summary>The digest over the first chunks; never fewer than before.</summary>
    public string Compute(long chunks)
    {
        Span<byte> page = new byte[ManifestLayout.PageSize];
        while (_chunks < chunks)
        {
            var count = (int)Math.Min(ManifestLayout.PageEntries, chunks - _chunks);
            var digests = page[..(count * ChunkDigest.Size)];
            _draft.Read(_chunks, digests);
            _hash.AppendData(digests);
            _chunks += count;
        }

        return Convert.ToHexStringLower(_hash.GetCurrentHash());
    }

    public void Dispose() => _hash.Dispose();
}
