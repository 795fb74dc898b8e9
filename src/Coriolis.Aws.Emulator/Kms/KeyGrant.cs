namespace Coriolis.Aws.Emulator.Kms;

/// <summary>A permission on a key given to a principal.</summary>
internal sealed record KeyGrant
{
    public required string GrantId { get; init; }

    public required string Token { get; init; }

    public required string KeyArn { get; init; }

    public required string GranteePrincipal { get; init; }

    public string? RetiringPrincipal { get; init; }

    public required IReadOnlyList<string> Operations { get; init; }

    public string? Name { get; init; }

    /// <summary>The constraints as JSON, given back as they came.</summary>
    public string? Constraints { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether the grant allows an operation with an encryption context.</summary>
    public bool Covers(string operation, IReadOnlyDictionary<string, string> context) =>
        Operations.Contains(operation) && (Constraints is null || GrantConstraints.Read(Constraints).Allow(operation, context));
}
