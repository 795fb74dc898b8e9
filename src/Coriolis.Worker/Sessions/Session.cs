using System.Collections.Concurrent;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>One controller's connection: a handshake, then requests side by side until one of the two closes it.</summary>
internal sealed class Session(FrameStream frames, Agent agent)
{
    /// <summary>A client that keeps a chunk per request in flight on a fast link needs some dozens.</summary>
    public const int MaxOpenRequests = 256;

    private static readonly TimeSpan s_handshakeTimeout = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<uint, OpenScan> _scans = new();
    private readonly DiskCache _disks = new(agent.Catalog);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await ServeAsync(closing.Token).ConfigureAwait(false);
        }
        catch (WorkerProtocolException violation)
        {
            var failed = new Failed(WorkerFailure.Malformed, violation.Message);
            await frames.WriteAsync(failed.ToFrame(0), closing.Token).ConfigureAwait(false);
        }
        finally
        {
            await closing.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(_scans.Values.Select(scan => scan.Running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(CancellationToken connectionToken)
    {
        if (!await ShakeHandsAsync(connectionToken).ConfigureAwait(false))
        {
            return;
        }

        while (await ReadAsync(agent.Lease.Duration, connectionToken).ConfigureAwait(false) is { } frame)
        {
            using (frame)
            {
                agent.Lease.Renew();
                await HandleAsync(frame, connectionToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> ShakeHandsAsync(CancellationToken connectionToken)
    {
        using var frame = await ReadAsync(s_handshakeTimeout, connectionToken).ConfigureAwait(false);
        if (frame is null)
        {
            return false;
        }

        if (frame.Header is not { Type: FrameType.Hello, RequestId: 0 })
        {
            throw frame.OpenPayload().Malformed("no place before the handshake");
        }

        var hello = Hello.ReadFrom(frame.OpenPayload());
        agent.Lease.Renew();
        if (hello.MinVersion > ProtocolLimits.Version || hello.MaxVersion < ProtocolLimits.Version)
        {
            var message = $"The agent speaks version {ProtocolLimits.Version} of the protocol, the controller {hello.MinVersion} to {hello.MaxVersion}.";
            await frames.WriteAsync(new Failed(WorkerFailure.UnsupportedVersion, message).ToFrame(0), connectionToken).ConfigureAwait(false);
            return false;
        }

        await frames.WriteAsync(agent.CreateWelcome(hello.Features).ToFrame(), connectionToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>A controller that says nothing for a whole lease, not even a heartbeat, is gone: its scans must not hold buffers.</summary>
    private async ValueTask<Frame?> ReadAsync(TimeSpan timeout, CancellationToken connectionToken)
    {
        using var silence = timeout > TimeSpan.Zero ? new CancellationTokenSource(timeout, agent.TimeProvider) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(connectionToken, silence.Token);
        return await frames.ReadAsync(either.Token).ConfigureAwait(false);
    }

    private async ValueTask HandleAsync(Frame frame, CancellationToken connectionToken)
    {
        var id = frame.Header.RequestId;
        var payload = frame.OpenPayload();
        if (id == 0)
        {
            throw payload.Malformed("request id 0");
        }

        switch (frame.Header.Type)
        {
            case FrameType.Scan:
                await StartScanAsync(id, ScanRequest.ReadFrom(payload), connectionToken).ConfigureAwait(false);
                break;
            case FrameType.Credit:
                var cost = payload.ReadInt32();
                payload.EnsureEnd();
                if (_scans.TryGetValue(id, out var creditor) && !creditor.Task.Window.TryGive(cost))
                {
                    throw new WorkerProtocolException($"Request {id} is given more credit than it used.");
                }

                break;
            case FrameType.Cancel:
                payload.EnsureEnd();
                if (_scans.TryGetValue(id, out var cancelled))
                {
                    await cancelled.CancelAsync().ConfigureAwait(false);
                }

                break;
            case FrameType.ListDevices:
                payload.EnsureEnd();
                var devices = _disks.List().Select(disk => disk.Device).ToList();
                await frames.WriteAsync(DeviceList.ToFrame(id, devices), connectionToken).ConfigureAwait(false);
                break;
            case FrameType.Ping:
                payload.EnsureEnd();
                await frames.WriteAsync(agent.GetHealth().ToFrame(id), connectionToken).ConfigureAwait(false);
                break;
            default:
                throw payload.Malformed("no meaning for the agent");
        }
    }

    private async ValueTask StartScanAsync(uint id, ScanRequest request, CancellationToken connectionToken)
    {
        if (_scans.ContainsKey(id))
        {
            throw new WorkerProtocolException($"Request {id} is open already.");
        }

        if (_scans.Count >= MaxOpenRequests)
        {
            var failed = new Failed(WorkerFailure.Busy, $"{MaxOpenRequests} requests are open on this connection.");
            await frames.WriteAsync(failed.ToFrame(id), connectionToken).ConfigureAwait(false);
            return;
        }

        var task = new ScanTask(request, id, agent, _disks, (frame, moreFollows) => frames.WriteAsync(frame, moreFollows, connectionToken));
        var scan = new OpenScan(task, connectionToken);
        _scans[id] = scan;
        scan.Start(agent.Counters, () => _scans.TryRemove(id, out _));
    }
}
