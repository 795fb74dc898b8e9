namespace Coriolis.Providers;

/// <summary>The destination cannot be opened, written, read or committed.</summary>
public sealed class DestinationException : CoriolisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, on which id, and why.</param>
    /// <param name="innerException">The cause.</param>
    public DestinationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
