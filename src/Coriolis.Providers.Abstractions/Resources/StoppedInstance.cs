namespace Coriolis.Providers;

/// <summary>An instance that an execution stopped, and did not live to start again or to leave stopped on purpose.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
/// <param name="InstanceId">The instance.</param>
/// <param name="ExecutionId">The execution.</param>
/// <param name="StoppedAt">When it was about to ask for the stop. One that was stopped at another time was stopped by somebody else.</param>
public sealed record StoppedInstance(string InstanceId, string ExecutionId, DateTimeOffset StoppedAt);
