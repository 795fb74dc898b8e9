namespace Coriolis.Providers;

/// <summary>A guest's file system cannot be read or changed, or a program in it failed to run.</summary>
public sealed class GuestException : CoriolisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, on which path, and why.</param>
    /// <param name="innerException">The cause.</param>
    public GuestException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Packages that the guest's package manager had agreed to remove and then failed to; the guest may be in between.</summary>
    /// <value>The default is empty: something else failed.</value>
    public IReadOnlyList<string> Packages { get; init; } = [];
}
