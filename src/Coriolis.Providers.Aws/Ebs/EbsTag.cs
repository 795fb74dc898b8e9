namespace Coriolis.Providers.Aws.Ebs;

/// <summary>A tag in the block API's JSON.</summary>
internal sealed record EbsTag(string Key, string Value);
