using System.Net.Sockets;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Coriolis.Morphing.Ssh;

/// <summary>One command on the other machine, from its start to its end. It waits for the first line of its input, which is empty and not for it.</summary>
internal sealed class SshSession : IDisposable
{
    // A command whose input has ended early is killed at once; the rest is the way there and back.
    private static readonly TimeSpan s_endPatience = TimeSpan.FromSeconds(30);

    private readonly SshCommand _command;
    private readonly Task _running;
    private readonly Stream _input;
    private readonly Action _onEnd;
    private readonly CancellationToken _closing;

    private SshSession(SshCommand command, Action onEnd, CancellationToken closing)
    {
        _command = command;
        _onEnd = onEnd;
        _closing = closing;
        _running = command.ExecuteAsync(CancellationToken.None);
        _input = command.CreateInputStream();

        // The library tells the other side that the input has ended only if there was any.
        _input.Write("\n"u8);
        _input.Flush();
    }

    public Stream Output => _command.OutputStream;

    public Stream Error => _command.ExtendedOutputStream;

    /// <summary>The exit code, once the command has ended; that of a killed program when the server told only its signal.</summary>
    public int ExitCode => _command.ExitStatus ?? 128;

    /// <param name="command">The command, which this session owns.</param>
    /// <param name="onEnd">Called once, when the session is disposed.</param>
    /// <param name="closing">Cancelled when the connection is about to be closed from this side.</param>
    public static SshSession Start(SshCommand command, Action onEnd, CancellationToken closing)
    {
        try
        {
            return new(command, onEnd, closing);
        }
        catch
        {
            command.Dispose();
            throw;
        }
    }

    /// <summary>Writes the whole input and ends it.</summary>
    public async Task WriteInputAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        try
        {
            await write(_input, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or SshException or ObjectDisposedException)
        {
            // The command may have ended without reading all of it; its exit code tells.
        }

        EndInput();
    }

    /// <summary>Waits for the end of the command. When cancelled it ends the input, waits for what that brings about, and returns.</summary>
    public async Task WaitForExitAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing);
        using var registration = ending.Token.Register(EndInput);
        try
        {
            await _running.WaitAsync(ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            throw new GuestException("The connection was closed while a command ran.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAny(_running, Task.Delay(s_endPatience, TimeProvider.System, _closing)).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SshException or SocketException or IOException or ObjectDisposedException)
        {
            throw new GuestException($"The connection was lost while a command ran: {failure.Message}", failure) { IsTransient = true };
        }
    }

    /// <summary>Ends the input and waits a while for what that brings about.</summary>
    public Task EndAsync()
    {
        EndInput();
        return Task.WhenAny(_running, Task.Delay(s_endPatience, TimeProvider.System, _closing));
    }

    public void Dispose()
    {
        _command.Dispose();
        _onEnd();
    }

    private void EndInput()
    {
        // The server has closed the channel, or is about to.
        if (_command.ExitStatus is not null || _command.ExitSignal is not null)
        {
            return;
        }

        try
        {
            _input.Dispose();
        }
        catch (Exception failure) when (failure is SshException or SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The command or its connection has ended already.
        }
    }
}
