using System.Net.Sockets;

namespace Coriolis.Worker.Protocol;

/// <summary>How long a request has been without progress, and which failures are worth another attempt.</summary>
internal sealed class StallClock(WorkerClientOptions options)
{
    private long _lastProgress = options.TimeProvider.GetTimestamp();

    public bool IsOver => options.TimeProvider.GetElapsedTime(_lastProgress) >= options.ReconnectTimeout;

    public static bool IsTransient(Exception exception) =>
        exception is IOException and not (WorkerProtocolException or WorkerReadException) or SocketException or TimeoutException;

    public void Progress() => _lastProgress = options.TimeProvider.GetTimestamp();
}
