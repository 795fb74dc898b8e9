namespace Coriolis.Providers;

/// <summary>The stored state of a replica is in use, belongs to something else, or cannot be read.</summary>
public sealed class ReplicaStateException : CoriolisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, on which id, and why.</param>
    /// <param name="innerException">The cause.</param>
    public ReplicaStateException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
