namespace Coriolis.Aws.Emulator.Signing;

/// <summary>A credential as it is stored; policies are in their JSON.</summary>
internal sealed record StoredCredential
{
    public required string AccountId { get; init; }

    public required string Arn { get; init; }

    public required string PrincipalArn { get; init; }

    public required string UserId { get; init; }

    public required string AccessKeyId { get; init; }

    public required string SecretAccessKey { get; init; }

    public string? SessionToken { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public IReadOnlyList<string> Policies { get; init; } = [];

    public IReadOnlyList<string> SessionPolicies { get; init; } = [];
}
