namespace Coriolis.Providers.Aws;

/// <summary>A setting of the source environment with the values that it can take in the account: Coriolis's "source option".</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record SourceOption
{
    /// <summary>The name of the setting, for example <c>worker_instance_type</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The values that exist in the account and region now.</summary>
    public required IReadOnlyList<SourceOptionValue> Values { get; init; }

    /// <summary>The value that applies when the source environment does not set one; <see langword="null"/> when it is chosen in each run.</summary>
    public string? Default { get; init; }
}
