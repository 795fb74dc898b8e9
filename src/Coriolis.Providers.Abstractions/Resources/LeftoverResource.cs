namespace Coriolis.Providers;

/// <summary>A resource that an execution could not remove.</summary>
/// <param name="Type">The type of the resource, for example <c>snapshot</c>.</param>
/// <param name="Id">The id of the resource.</param>
/// <param name="Why">Why it is still there, with the cloud's error code.</param>
public sealed record LeftoverResource(string Type, string Id, string Why);
