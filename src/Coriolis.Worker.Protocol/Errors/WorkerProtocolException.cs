namespace Coriolis.Worker.Protocol;

/// <summary>The peer sent something that the protocol does not allow; the connection is closed.</summary>
public sealed class WorkerProtocolException : IOException
{
    /// <summary>Creates the exception.</summary>
    public WorkerProtocolException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong, in which frame.</param>
    public WorkerProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong, in which frame.</param>
    /// <param name="innerException">The cause.</param>
    public WorkerProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
