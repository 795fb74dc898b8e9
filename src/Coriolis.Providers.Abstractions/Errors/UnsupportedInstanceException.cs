namespace Coriolis.Providers;

/// <summary>The instance exists but cannot be replicated: terminated, not HVM, or without a volume.</summary>
public sealed class UnsupportedInstanceException : CoriolisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, on which id, and why.</param>
    /// <param name="innerException">The cause.</param>
    public UnsupportedInstanceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
