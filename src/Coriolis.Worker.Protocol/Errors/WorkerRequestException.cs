namespace Coriolis.Worker.Protocol;

/// <summary>The agent refused a request or could not finish it; the connection goes on.</summary>
public sealed class WorkerRequestException : Exception
{
    /// <summary>Creates the exception.</summary>
    public WorkerRequestException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What the agent said.</param>
    public WorkerRequestException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What the agent said.</param>
    /// <param name="innerException">The cause.</param>
    public WorkerRequestException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="message">What the agent said.</param>
    public WorkerRequestException(WorkerFailure failure, string message)
        : base(message) => Failure = failure;

    /// <summary>Why the agent refused.</summary>
    public WorkerFailure Failure { get; }
}
