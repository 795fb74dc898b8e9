namespace Coriolis.Worker;

/// <summary>Sends a frame to the controller.</summary>
/// <param name="frame">The frame; not read any more once the task completes.</param>
/// <param name="moreFollows">Whether another frame is sent at once, so that both may leave together.</param>
internal delegate ValueTask SendFrame(ReadOnlyMemory<byte> frame, bool moreFollows);
