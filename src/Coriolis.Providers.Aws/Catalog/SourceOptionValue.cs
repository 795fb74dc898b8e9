namespace Coriolis.Providers.Aws;

/// <summary>One value of a <see cref="SourceOption"/>.</summary>
/// <param name="Id">What the setting is set to.</param>
/// <param name="Name">What people call it; <see langword="null"/> where the id says it all.</param>
/// <param name="OsType"><c>linux</c> or <c>windows</c> for images, else <see langword="null"/>.</param>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record SourceOptionValue(string Id, string? Name = null, string? OsType = null);
