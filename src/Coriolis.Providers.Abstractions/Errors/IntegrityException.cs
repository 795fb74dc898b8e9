namespace Coriolis.Providers;

/// <summary>Bytes do not match their checksum: a block in transit, a manifest, or a replica.</summary>
public sealed class IntegrityException : CoriolisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, on which id, and why.</param>
    /// <param name="innerException">The cause.</param>
    public IntegrityException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
