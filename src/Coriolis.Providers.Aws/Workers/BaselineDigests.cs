namespace Coriolis.Providers.Aws.Workers;

/// <summary>Compares ascending chunks with a manifest, of which it holds a page at a time.</summary>
internal sealed class BaselineDigests(IDiskManifest manifest)
{
    private const int PageLength = 4096;

    private readonly ChunkDigest[] _page = new ChunkDigest[PageLength];
    private long _first = -PageLength;

    /// <summary>Whether the manifest has the same bytes there; what lies beyond its end, or at a shortened last chunk, it does not have.</summary>
    public async ValueTask<bool> IsAsync(long chunk, ChunkDigest digest, CancellationToken cancellationToken)
    {
        if (chunk >= manifest.Info.ChunkCount)
        {
            return false;
        }

        if (chunk < _first || chunk >= _first + PageLength)
        {
            _first = chunk;
            var length = (int)Math.Min(PageLength, manifest.Info.ChunkCount - chunk);
            await manifest.ReadDigestsAsync(chunk, _page.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        }

        return _page[chunk - _first] == digest;
    }
}
