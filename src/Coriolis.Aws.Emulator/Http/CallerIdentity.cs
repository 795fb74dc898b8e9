namespace Coriolis.Aws.Emulator.Http;

/// <summary>Who signed a request.</summary>
internal sealed record CallerIdentity(string AccountId, string Arn, string UserId, string AccessKeyId);
