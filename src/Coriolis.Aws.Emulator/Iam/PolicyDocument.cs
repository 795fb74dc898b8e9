namespace Coriolis.Aws.Emulator.Iam;

/// <summary>A policy: what it says, and the JSON that it was read from.</summary>
internal sealed record PolicyDocument(string Json, IReadOnlyList<PolicyStatement> Statements)
{
    /// <summary>Whether a statement of the effect covers the request.</summary>
    public bool Says(PolicyEffect effect, AccessRequest request) =>
        Statements.Any(statement => statement.Effect == effect && statement.Covers(request));
}
