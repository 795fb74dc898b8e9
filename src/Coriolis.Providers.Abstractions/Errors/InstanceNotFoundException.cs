namespace Coriolis.Providers;

/// <summary>No such instance in this region.</summary>
public sealed class InstanceNotFoundException : CoriolisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, on which id, and why.</param>
    /// <param name="innerException">The cause.</param>
    public InstanceNotFoundException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
