namespace Coriolis.Worker.Protocol;

/// <summary>The device on the worker could not be read at some range; other ranges may still be readable.</summary>
public sealed class WorkerReadException : IOException
{
    /// <summary>Creates the exception.</summary>
    public WorkerReadException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What could not be read.</param>
    public WorkerReadException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What could not be read.</param>
    /// <param name="innerException">The cause.</param>
    public WorkerReadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="device">Name of the device.</param>
    /// <param name="range">What could not be read.</param>
    /// <param name="errorNumber">The <c>errno</c> of the worker's kernel.</param>
    public WorkerReadException(string device, WorkerRange range, int errorNumber)
        : base($"{device}: {range.Length} bytes at {range.Offset} cannot be read on the worker: {KernelError.Describe(errorNumber)}.")
    {
        Range = range;
        ErrorNumber = errorNumber;
    }

    /// <summary>What could not be read.</summary>
    public WorkerRange Range { get; }

    /// <summary>The <c>errno</c> of the worker's kernel: 5 is a read error, 6 a device that shrank or has gone.</summary>
    public int ErrorNumber { get; }
}
