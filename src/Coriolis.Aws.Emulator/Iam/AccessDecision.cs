namespace Coriolis.Aws.Emulator.Iam;

/// <summary>What policies say about a request.</summary>
internal enum AccessDecision
{
    /// <summary>The request may be carried out.</summary>
    Allowed,

    /// <summary>A statement of an identity policy denies it.</summary>
    DeniedByIdentity,

    /// <summary>A statement of a session policy denies it.</summary>
    DeniedBySession,

    /// <summary>No statement of an identity policy allows it.</summary>
    NotAllowedByIdentity,

    /// <summary>No statement of a session policy allows it.</summary>
    NotAllowedBySession,
}
