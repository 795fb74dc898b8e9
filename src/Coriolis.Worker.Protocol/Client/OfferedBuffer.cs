namespace Coriolis.Worker.Protocol;

/// <summary>A caller's buffer for the bytes of one data frame, which the connection's reader fills without a copy in between.</summary>
/// <remarks>
/// Filled once at most: bytes that come again must not change what was verified. The caller uses the buffer for something else only after it
/// took it back. Thread safe.
/// </remarks>
internal sealed class OfferedBuffer(Memory<byte> memory)
{
    private const int Offered = 0;
    private const int Claimed = 1;
    private const int TakenBack = 2;

    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    public Memory<byte> Memory => memory;

    /// <summary>Claims it for so many bytes; who gets it releases it.</summary>
    /// <returns>False when it is of another size, was claimed before or is the caller's again.</returns>
    public bool TryClaim(int length) => length == memory.Length && Interlocked.CompareExchange(ref _state, Claimed, Offered) == Offered;

    /// <summary>Says that nothing is written to it any more.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>Ends the offer.</summary>
    /// <returns>A task that completes when nothing is written to it any more.</returns>
    public Task TakeBackAsync() => Interlocked.CompareExchange(ref _state, TakenBack, Offered) == Claimed ? _released.Task : Task.CompletedTask;
}
