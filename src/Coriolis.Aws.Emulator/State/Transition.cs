namespace Coriolis.Aws.Emulator.State;

/// <summary>The state that a resource enters by itself, and when.</summary>
internal sealed record Transition(string To, DateTimeOffset At);
