namespace Coriolis.Providers;

/// <summary>The source cloud failed to do what was asked, or cannot be reached.</summary>
public sealed class SourceException : CoriolisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, on which id, and why.</param>
    /// <param name="innerException">The cause.</param>
    public SourceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>What the failed operation created and could not remove again.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlyList<LeftoverResource> LeftBehind { get; init; } = [];
}
