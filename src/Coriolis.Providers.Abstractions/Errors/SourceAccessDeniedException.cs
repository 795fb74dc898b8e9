namespace Coriolis.Providers;

/// <summary>The source cloud refused: wrong or expired credentials, or a permission is missing.</summary>
public sealed class SourceAccessDeniedException : CoriolisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, on which id, and why.</param>
    /// <param name="innerException">The cause.</param>
    public SourceAccessDeniedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
