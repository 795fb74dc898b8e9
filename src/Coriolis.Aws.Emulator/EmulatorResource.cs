namespace Coriolis.Aws.Emulator;

/// <summary>A resource that exists in a region.</summary>
/// <param name="Type">The type as in tag specifications, for example <c>snapshot</c>.</param>
/// <param name="Id">The id.</param>
/// <param name="State">The state as Describe calls name it, or <see langword="null"/> when this type has none.</param>
/// <param name="Tags">The tags.</param>
/// <remarks>Immutable.</remarks>
public sealed record EmulatorResource(string Type, string Id, string? State, IReadOnlyDictionary<string, string> Tags);
