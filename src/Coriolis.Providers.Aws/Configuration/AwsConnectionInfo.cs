namespace Coriolis.Providers.Aws;

/// <summary>Where and as whom to call AWS: the connection info of a Coriolis endpoint.</summary>
/// <remarks>
/// Everything is optional: what is missing comes from the AWS SDK's usual chain (environment, profiles, instance role).
/// Immutable; safe for concurrent use. Its text form never contains a secret.
/// </remarks>
public sealed record AwsConnectionInfo
{
    /// <summary>The region that holds the instances, for example <c>eu-west-1</c>.</summary>
    public string? Region { get; init; }

    /// <summary>The access key id; needs <see cref="SecretAccessKey"/>.</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>The secret access key.</summary>
    public string? SecretAccessKey { get; init; }

    /// <summary>The session token of temporary credentials.</summary>
    public string? SessionToken { get; init; }

    /// <summary>The ARN of a role to assume with the credentials.</summary>
    public string? RoleArn { get; init; }

    /// <summary>The external id that the role's trust policy asks for.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The name of a profile in the AWS configuration files.</summary>
    public string? Profile { get; init; }

    /// <summary>One endpoint for all services, instead of AWS's own: an emulator or a private endpoint.</summary>
    public Uri? EndpointUrl { get; init; }

    /// <summary>The JSON schema of what <see cref="Parse"/> takes, as a Coriolis endpoint is checked with.</summary>
    public static string JsonSchema => EmbeddedSchema.Read("connection-info.schema.json");

    /// <summary>Reads the connection info JSON of a Coriolis endpoint.</summary>
    /// <param name="json">
    /// An object with <c>region</c>, <c>access_key_id</c>, <c>secret_access_key</c>, and optionally <c>session_token</c>,
    /// <c>role_arn</c>, <c>external_id</c>, <c>profile</c>, <c>endpoint_url</c>.
    /// </param>
    /// <returns>The connection info.</returns>
    /// <exception cref="FormatException">The JSON is invalid; the message lists everything that is wrong, without secrets.</exception>
    public static AwsConnectionInfo Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return AwsConnectionInfoReader.Read(json);
    }

    /// <summary>Describes the connection without its secrets.</summary>
    /// <returns>Region, kind of credentials, role and endpoint.</returns>
    public override string ToString()
    {
        var credentials = AccessKeyId is not null ? $"access key {AccessKeyId}" : Profile is not null ? $"profile {Profile}" : "default credentials";
        return $"{Region ?? "default region"}, {credentials}"
            + (RoleArn is null ? "" : $", role {RoleArn}")
            + (EndpointUrl is null ? "" : $", endpoint {EndpointUrl}");
    }
}
