namespace Coriolis.Aws.Emulator.Signing;

/// <summary>What is kept of credentials over a restart: those that calls have made. Those of the options come with the options.</summary>
internal sealed record CredentialState(IReadOnlyList<StoredCredential> Issued, IReadOnlyDictionary<string, IReadOnlyList<string>> RolePolicies);
