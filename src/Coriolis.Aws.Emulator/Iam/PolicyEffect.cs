namespace Coriolis.Aws.Emulator.Iam;

/// <summary>What a statement says about the requests that it covers.</summary>
internal enum PolicyEffect
{
    /// <summary>They are allowed unless another statement denies them.</summary>
    Allow,

    /// <summary>They are denied, whatever other statements say.</summary>
    Deny,
}
