namespace Coriolis.Providers;

/// <summary>One change to a guest.</summary>
/// <param name="Kind">What kind of change.</param>
/// <param name="Subject">The path, package or service that changed.</param>
/// <param name="Why">The reason, in one clause for people.</param>
public sealed record MorphChange(MorphChangeKind Kind, string Subject, string Why);
