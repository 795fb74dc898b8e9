using System.Net.Sockets;
using System.Text;
using Coriolis.Worker.Protocol;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>The agent as it runs on a worker: brought there over SSH and started with the certificates of its run.</summary>
internal sealed class AgentProcess : IDisposable
{
    private const string Program = "/home/" + WorkerUserData.User + "/" + AgentFiles.Executable;

    private readonly SshCommand _command;

    private AgentProcess(SshCommand command)
    {
        _command = command;
        Ended = command.ExecuteAsync(CancellationToken.None);
    }

    /// <summary>Completes when the agent ends; fails when the SSH connection breaks over which it was started, which need not end it.</summary>
    public Task Ended { get; }

    /// <summary>What it wrote to its standard error, if anything.</summary>
    public string? LastWords => _command.Error.Trim() is { Length: > 0 } said ? said : null;

    /// <summary>Uploads the agent, checks that it arrived as it is here, and starts it.</summary>
    /// <param name="shell">SSH to the worker.</param>
    /// <param name="path">The agent, as it lies on this machine.</param>
    /// <param name="certificates">Whom the agent answers, and how it is known.</param>
    /// <param name="lease">How long the worker lives without hearing of us.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="SourceException">The agent cannot be brought to the worker or started.</exception>
    public static async Task<AgentProcess> StartAsync(
        WorkerShell shell, string path, WorkerCertificates certificates, TimeSpan lease, CancellationToken cancellationToken)
    {
        AgentProcess? agent = null;
        try
        {
            // After a reset of the connection the agent of before may still be there, and in a restarted machine the timer is not set.
            await shell.RunAsync($"sudo -n pkill -x {AgentFiles.Executable} || true", cancellationToken).ConfigureAwait(false);
            await shell.RunAsync(WorkerUserData.LeaseCommand(lease), cancellationToken).ConfigureAwait(false);
            await shell.UploadAsync(path, Program, cancellationToken).ConfigureAwait(false);
            await shell.RunAsync($"chmod 755 {Program}", cancellationToken).ConfigureAwait(false);
            var command = shell.CreateCommand(
                $"sudo -n {Program} run -credentials-stdin -disable-chunking -lease-seconds=120 -listen-port={AgentRoute.AgentPort}");
            agent = new AgentProcess(command);
            var input = command.CreateInputStream();
            await input.WriteAsync(Encoding.ASCII.GetBytes(certificates.AgentBundle), cancellationToken).ConfigureAwait(false);
            await input.FlushAsync(cancellationToken).ConfigureAwait(false);
            return agent;
        }
        catch (Exception error)
        {
            agent?.Dispose();
            if (error is not (SshException or SocketException or IOException))
            {
                throw;
            }

            throw new SourceException($"The agent cannot be brought to the worker {shell.Worker.Id}: {error.Message}", error)
            {
                ResourceId = shell.Worker.Id,
                Remedy = "Run again; if it lasts, look at what lies between here and the worker.",
                IsTransient = true,
            };
        }
    }

    public void Dispose() => _command.Dispose();
}
