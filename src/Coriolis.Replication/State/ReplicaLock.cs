using System.Text.Json;
using Coriolis.Providers;
using Coriolis.Storage;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Replication;

/// <summary>The right to be the only execution of a replica. The operating system takes it back when the process dies.</summary>
internal sealed class ReplicaLock : IDisposable
{
    // A probe holds the lock for microseconds; who meets one tries again. Half a second is an age for a probe.
    private const int Attempts = 10;
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(50);

    private readonly SafeFileHandle _file;
    private readonly string _holderPath;

    private ReplicaLock(SafeFileHandle file, string holderPath)
    {
        _file = file;
        _holderPath = holderPath;
    }

    /// <exception cref="ReplicaStateException">Another execution holds the lock.</exception>
    public static async Task<ReplicaLock> AcquireAsync(
        string directory, string instanceId, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var file = await OpenAsync(directory, instanceId, timeProvider, cancellationToken).ConfigureAwait(false);
        try
        {
            var holderPath = HolderPath(directory);
            var holder = new ReplicaHolder(Environment.ProcessId, Environment.MachineName, timeProvider.GetUtcNow());
            DurableFile.Write(holderPath, JsonSerializer.SerializeToUtf8Bytes(holder, StateJson.Default.ReplicaHolder));
            return new ReplicaLock(file, holderPath);
        }
        catch
        {
            // A lock whose holder could not be written, for example to a full disk, must not be held until the collector finds it.
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether an execution holds the lock at this moment.</summary>
    public static bool IsHeld(string directory) => DurableFile.IsHeld(Path.Combine(directory, "lock"));

    /// <summary>Who holds the lock, or held it last and died; null when that is not known.</summary>
    public static ReplicaHolder? ReadHolder(string directory)
    {
        try
        {
            return StateJson.Read(HolderPath(directory), StateJson.Default.ReplicaHolder);
        }
        catch (Exception e) when (e is ReplicaStateException or IOException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        using (_file)
        {
            StateErrors.TryDelete(_holderPath);
        }
    }

    private static async Task<SafeFileHandle> OpenAsync(
        string directory, string instanceId, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // FileShare.None is an exclusive flock on Unix.
                return DurableFile.OpenOrCreate(Path.Combine(directory, "lock"), FileShare.None);
            }
            catch (IOException e) when (DurableFile.IsSharingViolation(e))
            {
                if (attempt == Attempts)
                {
                    throw StateErrors.InUse(instanceId, directory, ReadHolder(directory));
                }

                await Task.Delay(s_retryDelay, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static string HolderPath(string directory) => Path.Combine(directory, "lock.holder");
}
