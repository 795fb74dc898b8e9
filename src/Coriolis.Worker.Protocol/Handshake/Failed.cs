namespace Coriolis.Worker.Protocol;

/// <summary>The end of a request that failed; on request 0 the end of the connection.</summary>
internal sealed record Failed(WorkerFailure Failure, string Message)
{
    public static Failed ReadFrom(PayloadReader payload)
    {
        var failed = new Failed((WorkerFailure)payload.ReadUInt16(), payload.ReadString());
        payload.EnsureEnd();
        return failed;
    }

    public ReadOnlyMemory<byte> ToFrame(uint requestId) =>
        new FrameBuilder(FrameType.Failed, requestId).UInt16((ushort)Failure).String(Message).Complete();

    public WorkerRequestException ToException() => new(Failure, Message);
}
