using System.Net;
using System.Runtime.InteropServices;

namespace Coriolis.Worker;

/// <summary>Serves until a signal or the end of the lease.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(RunOptions options, TextReader input, TextWriter output, TextWriter log)
    {
        using var stopping = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var credentials = options.CredentialsFromStandardInput
            ? await ReadCredentialsAsync(input, stopping.Token).ConfigureAwait(false)
            : AgentCredentials.Load(options);
        if (credentials is null)
        {
            return 0;
        }

        using var agent = new Agent(new DiskCatalog(options.Devices, options.IgnoreMountedDisks), options.Lease, TimeProvider.System);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, agent.Lease.Expired);
        var register = new DiskRegister(agent, options.Replicator, StateFile.Read(options.StateFile), ending.Token);
        register.Refresh();

        var api = new ReplicatorApi(register, agent, options.Replicator, ending.Token);
        using var server = new AgentServer(agent, api, credentials, log);
        var address = options.ListenAddress.Length > 0 ? IPAddress.Parse(options.ListenAddress) : null;
        var port = server.Listen(address, options.ListenPort);
        await output.WriteLineAsync($"coriolis-worker {Agent.Version} listens on port {port}").ConfigureAwait(false);
        await output.FlushAsync(ending.Token).ConfigureAwait(false);
        await server.ServeAsync(ending.Token).ConfigureAwait(false);
        await register.Hashing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (agent.Lease.Expired.IsCancellationRequested)
        {
            await log.WriteLineAsync($"No controller for {options.Lease}: ending.").ConfigureAwait(false);
        }

        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopping.Cancel();
        }
    }

    /// <summary>Reads the credentials; <see langword="null"/> when a signal came first. Reading from a terminal or pipe cannot be cancelled.</summary>
    private static async Task<AgentCredentials?> ReadCredentialsAsync(TextReader input, CancellationToken stopping)
    {
        try
        {
            return await Task.Run(() => AgentCredentials.ReadAsync(input, stopping), stopping).WaitAsync(stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
