using Amazon.EC2;
using Amazon.KeyManagementService;
using Amazon.SecurityToken;

namespace Coriolis.Providers.Aws;

/// <summary>The clients of one registration.</summary>
/// <param name="Ec2">The EC2 client.</param>
/// <param name="Kms">The KMS client.</param>
/// <param name="Sts">The STS client.</param>
/// <param name="Endpoint">Where and as whom calls without an SDK client are made: the block API.</param>
/// <param name="RetryOurselves">Whether the clients are ours and do not retry; a host's clients keep their own retries.</param>
internal sealed record AwsClients(
    IAmazonEC2 Ec2, IAmazonKeyManagementService Kms, IAmazonSecurityTokenService Sts, AwsEndpoint Endpoint, bool RetryOurselves);
