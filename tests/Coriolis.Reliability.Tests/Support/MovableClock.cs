namespace Coriolis.Reliability.Tests.Support;

/// <summary>The clock of the system, which can be moved forward. Timers go on as if nothing had happened, as after the sleep of a machine.</summary>
internal sealed class MovableClock : TimeProvider, IScheduleClock
{
    private long _ahead;

    TimeProvider IScheduleClock.Time => this;

    public void Advance(TimeSpan delta) => Interlocked.Add(ref _ahead, delta.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + new TimeSpan(Interlocked.Read(ref _ahead));

    public override long GetTimestamp() =>
        base.GetTimestamp() + (Interlocked.Read(ref _ahead) * (TimestampFrequency / TimeSpan.TicksPerSecond));
}
