using System.Security.Cryptography;
using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Ssh;

/// <summary>The bytes of one file in the output of a script that prints many, which are compared with the file's digest.</summary>
internal sealed class RemoteContent(Stream output, string path, FileState state) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _left = state.SizeBytes;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, _left);
        if (wanted == 0)
            return 0;

        var count = await output.ReadAsync(buffer[..wanted], cancellationToken).ConfigureAwait(false);
        _hash.AppendData(buffer.Span[..count]);
        _left -= count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Fails when not all of the file was read, or other bytes than it had.</summary>
    public void Check()
    {
        if (_left > 0 || Convert.ToHexStringLower(_hash.GetCurrentHash()) != state.Sha256)
            throw new GuestException($"The guest's {path} was not read as it was: the connection ended, or somebody else changes the guest.") { ResourceId = path };
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }
}
