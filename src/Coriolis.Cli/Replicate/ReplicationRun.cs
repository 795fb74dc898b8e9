using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>Runs executions under a progress display, and says how they end.</summary>
internal static class ReplicationRun
{
    /// <exception cref="UsageException">The request contradicts the instance.</exception>
    public static async Task<T> ShowAsync<T>(Invocation invocation, Func<IProgress<ExecutionProgress>, Task<T>> run)
    {
        try
        {
            return await ProgressDisplay.For(invocation).ShowAsync(run).ConfigureAwait(false);
        }
        catch (ArgumentException exception) when (exception.ParamName == "request")
        {
            // Only the engine knows the disks of the instance, and so whether the excluded ones are among them.
            throw UsageException.From(exception);
        }
    }

    public static int ExitCodeOf(ExecutionStatus status) => status switch
    {
        ExecutionStatus.Succeeded => ExitCode.Done,
        ExecutionStatus.Cancelled => ExitCode.Cancelled,
        _ => ExitCode.Failed,
    };
}
