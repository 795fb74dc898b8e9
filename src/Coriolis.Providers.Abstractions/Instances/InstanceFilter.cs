namespace Coriolis.Providers;

/// <summary>Narrows an instance listing. All conditions must hold.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record InstanceFilter
{
    /// <summary>Pattern for the <c>Name</c> tag, with <c>*</c> and <c>?</c> as wildcards.</summary>
    /// <value>The default is <see langword="null"/>: any name.</value>
    public string? NamePattern { get; init; }

    /// <summary>Tags that the instance must carry, with exactly these values.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
