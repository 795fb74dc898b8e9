namespace Coriolis.Reliability.Tests.Support;

/// <summary>A clock that a schedule moves.</summary>
internal interface IScheduleClock
{
    TimeProvider Time { get; }

    void Advance(TimeSpan delta);
}
