using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>Shows where an execution stands while it runs.</summary>
internal abstract class ProgressDisplay
{
    /// <summary>The display that suits the terminal: live bars, plain lines, or nothing.</summary>
    public static ProgressDisplay For(Invocation invocation) => invocation switch
    {
        { Verbosity: Verbosity.Quiet } => new SilentDisplay(),
        { Terminal.Live: { } live } => new BarDisplay(live),
        _ => new LineDisplay(invocation.Terminal, invocation.TimeProvider),
    };

    public abstract Task<T> ShowAsync<T>(Func<IProgress<ExecutionProgress>, Task<T>> work);

    private sealed class SilentDisplay : ProgressDisplay, IProgress<ExecutionProgress>
    {
        public override Task<T> ShowAsync<T>(Func<IProgress<ExecutionProgress>, Task<T>> work) => work(this);

        public void Report(ExecutionProgress value)
        {
        }
    }
}
