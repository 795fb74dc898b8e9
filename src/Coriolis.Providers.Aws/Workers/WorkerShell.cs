using System.Net.Sockets;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>SSH to a worker: commands, uploads and tunnels. Only the host key that we gave the worker is accepted.</summary>
internal sealed class WorkerShell : IDisposable
{
    public const int Port = 22;

    // cloud-init may make the user some time after the server has been started.
    private static readonly TimeSpan s_userPatience = TimeSpan.FromMinutes(1);

    // No command takes longer on a healthy worker; the agent itself is not run through here.
    private static readonly TimeSpan s_commandTimeout = TimeSpan.FromMinutes(1);

    // For a program of less than 20 MB: 20 KB/s.
    private static readonly TimeSpan s_uploadTimeout = TimeSpan.FromMinutes(15);

    private readonly SshClient _client;
    private readonly TimeProvider _timeProvider;
    private readonly ConnectionInfo _connection;
    private readonly WorkerRun _run;
    private bool _isStranger;

    private WorkerShell(LaunchedWorker worker, WorkerRun run, TimeProvider timeProvider)
    {
        _run = run;
        _timeProvider = timeProvider;
        Worker = worker;
        _connection = new ConnectionInfo(
            worker.Address, Port, WorkerUserData.User, new PrivateKeyAuthenticationMethod(WorkerUserData.User, run.Login.ToIdentity()))
        {
            Timeout = TimeSpan.FromSeconds(10),
        };
        _client = new SshClient(_connection) { KeepAliveInterval = TimeSpan.FromSeconds(15) };
        _client.HostKeyReceived += Check;
    }

    public LaunchedWorker Worker { get; }

    public bool IsConnected => _client.IsConnected;

    /// <summary>Connects as soon as the worker lets us in.</summary>
    /// <exception cref="SourceException">It does not in time, it refuses our key, or it has another host key.</exception>
    public static async Task<WorkerShell> ConnectAsync(
        LaunchedWorker worker, WorkerRun run, TimeSpan timeout, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        run.Report("waiting for the worker to boot");
        var shell = new WorkerShell(worker, run, timeProvider);
        var started = timeProvider.GetTimestamp();
        long? refused = null;
        try
        {
            while (true)
            {
                try
                {
                    await shell._client.ConnectAsync(cancellationToken).ConfigureAwait(false);
                    return shell;
                }
                catch (Exception error) when (error is SshException or SocketException or IOException)
                {
                    if (shell._isStranger)
                    {
                        throw Stranger(worker, error);
                    }

                    var isLate = timeProvider.GetElapsedTime(started) > timeout;
                    if (error is SshAuthenticationException
                        && (isLate || timeProvider.GetElapsedTime(refused ??= timeProvider.GetTimestamp()) > s_userPatience))
                    {
                        throw Refused(worker, error);
                    }

                    if (isLate)
                    {
                        throw new SourceException($"The worker {worker.Id} at {worker.Address} lets nobody in after {timeout}: {error.Message}", error)
                        {
                            ResourceId = worker.Id,
                            Remedy = "Check that its subnet can be reached from here and that its image has cloud-init and OpenSSH, or use the read path direct.",
                            IsTransient = true,
                        };
                    }

                    await Task.Delay(TimeSpan.FromMilliseconds(500), timeProvider, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch
        {
            shell.Dispose();
            throw;
        }
    }

    /// <summary>Runs a command and returns what it printed. A connection that broke is made anew.</summary>
    public async Task<string> RunAsync(string command, CancellationToken cancellationToken)
    {
        using var run = await WithinAsync(s_commandTimeout, $"run '{command}'", ExecuteAsync, cancellationToken).ConfigureAwait(false);
        return run.ExitStatus == 0 ? run.Result : throw new SourceException($"'{command}' failed on the worker {Worker.Id}: {run.Error.Trim()}")
        {
            ResourceId = Worker.Id,
            Remedy = "Check the image: it needs sudo, coreutils and cloud-init.",
        };

        async Task<SshCommand> ExecuteAsync(CancellationToken token)
        {
            if (!_client.IsConnected)
            {
                await _client.ConnectAsync(token).ConfigureAwait(false);
            }

            var started = _client.CreateCommand(command);
            try
            {
                await started.ExecuteAsync(token).ConfigureAwait(false);
                return started;
            }
            catch
            {
                started.Dispose();
                throw;
            }
        }
    }

    /// <summary>Creates a command to be started by the caller, who owns it.</summary>
    public SshCommand CreateCommand(string command) => _client.CreateCommand(command);

    /// <summary>Uploads a file and checks that it arrived as it is here.</summary>
    public async Task UploadAsync(string path, string target, CancellationToken cancellationToken)
    {
        await WithinAsync(s_uploadTimeout, $"upload {Path.GetFileName(path)}", SendAsync, cancellationToken).ConfigureAwait(false);
        var expected = await AgentFiles.DigestAsync(path, cancellationToken).ConfigureAwait(false);
        var arrived = await RunAsync($"sha256sum {target}", cancellationToken).ConfigureAwait(false);
        if (!arrived.StartsWith(expected, StringComparison.Ordinal))
        {
            throw new IntegrityException($"{path} is not the same on the worker {Worker.Id}: SHA-256 {arrived.Split(' ')[0]} instead of {expected}.")
            {
                ResourceId = Worker.Id,
                Remedy = "Run again.",
            };
        }

        async Task<bool> SendAsync(CancellationToken token)
        {
            using var sftp = new SftpClient(_connection);
            sftp.HostKeyReceived += Check;
            await sftp.ConnectAsync(token).ConfigureAwait(false);
            var file = File.OpenRead(path);
            await using (file.ConfigureAwait(false))
            {
                await sftp.UploadFileAsync(file, target, token).ConfigureAwait(false);
            }

            return true;
        }
    }

    /// <summary>Opens a local port that leads to a port of the worker.</summary>
    public int OpenTunnel(int port)
    {
        var tunnel = new ForwardedPortLocal("127.0.0.1", 0, "127.0.0.1", (uint)port);
        _client.AddForwardedPort(tunnel);
        tunnel.Start();
        return (int)tunnel.BoundPort;
    }

    public void Dispose() => _client.Dispose();

    /// <summary>A server that lets us in and then says nothing more must not be waited for for ever.</summary>
    private async Task<T> WithinAsync<T>(TimeSpan limit, string what, Func<CancellationToken, Task<T>> act, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await act(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceException($"The worker {Worker.Id} took longer than {limit} to {what}.", error)
            {
                ResourceId = Worker.Id,
                Remedy = "Run again; if it lasts, look at what lies between here and the worker.",
                IsTransient = true,
            };
        }
    }

    private static SourceException Stranger(LaunchedWorker worker, Exception error) =>
        new($"What answers at {worker.Address} is not the worker {worker.Id}: it has another host key than the one that the worker was given.", error)
        {
            ResourceId = worker.Id,
            Remedy = "Check that the image has cloud-init, and who else may use this address. Nothing was sent.",
        };

    // Another machine of the same image would do the same.
    private static SourceException Refused(LaunchedWorker worker, Exception error) =>
        new($"The worker {worker.Id} at {worker.Address} refuses the key that it was given at its launch: {error.Message}", error)
        {
            ResourceId = worker.Id,
            Remedy = $"Check that its image has cloud-init, which makes the user {WorkerUserData.User}, and an SSH server that takes Ed25519 keys.",
        };

    private void Check(object? sender, HostKeyEventArgs e)
    {
        e.CanTrust = _run.HostKey.Matches(e.HostKey);
        _isStranger |= !e.CanTrust;
    }
}
