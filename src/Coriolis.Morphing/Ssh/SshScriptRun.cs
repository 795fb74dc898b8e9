using Coriolis.Morphing.Processes;

namespace Coriolis.Morphing.Ssh;

/// <summary>A script that runs on another machine.</summary>
internal sealed class SshScriptRun : IDisposable
{
    private readonly SshSession _session;
    private readonly Task<string> _error;
    private readonly Task _input;

    /// <param name="session">The session in which it runs, which this run owns.</param>
    /// <param name="script">The script.</param>
    /// <param name="cancellationToken">Ends its input early.</param>
    public SshScriptRun(SshSession session, SshScript script, CancellationToken cancellationToken)
    {
        _session = session;
        _error = BoundedOutput.ReadTextAsync(session.Error);
        _input = session.WriteInputAsync(script.WriteInput, cancellationToken);
    }

    public Stream Output => _session.Output;

    /// <summary>Waits for the script's end.</summary>
    /// <exception cref="IOException">It failed; the message is what it printed to standard error.</exception>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await _input.ConfigureAwait(false);
        await _session.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (_session.ExitCode != 0)
            throw new IOException((await _error.ConfigureAwait(false)).Trim());
    }

    public void Dispose() => _session.Dispose();
}
