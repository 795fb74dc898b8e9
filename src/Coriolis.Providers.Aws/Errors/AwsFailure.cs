using System.Net;

namespace Coriolis.Providers.Aws;

/// <summary>What an AWS service answered when it refused a call.</summary>
/// <param name="Code">The error code; empty when the answer had none.</param>
/// <param name="Message">The service's own words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="RequestId">The id of the request.</param>
/// <param name="Reason">The finer reason that the EBS block API gives.</param>
internal sealed record AwsFailure(string Code, string Message, HttpStatusCode Status, string? RequestId, string? Reason = null);
