using System.Collections.Concurrent;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Signing;

/// <summary>The credentials that the emulator accepts, and the policies of roles.</summary>
/// <remarks>Thread-safe. What calls have issued outlives the process; what the options name does not need to.</remarks>
internal sealed class CredentialRegistry(StateStore store, TimeProvider timeProvider)
{
    private const string Section = "credentials";

    private readonly ConcurrentDictionary<string, Credential> _named = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Credential> _issued = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<PolicyDocument>> _roles = new(StringComparer.Ordinal);

    /// <summary>Takes up what earlier runs have issued.</summary>
    public void Load()
    {
        if (store.Read(Section, CredentialJson.Default.CredentialState) is not { } state) return;
        foreach (var stored in state.Issued)
        {
            _issued[stored.AccessKeyId] = new Credential(
                new CallerIdentity(stored.AccountId, stored.Arn, stored.UserId, stored.AccessKeyId) { PrincipalArn = stored.PrincipalArn },
                stored.SecretAccessKey)
            {
                SessionToken = stored.SessionToken,
                ExpiresAt = stored.ExpiresAt,
                Policies = Read(stored.Policies),
                SessionPolicies = Read(stored.SessionPolicies),
            };
        }

        foreach (var (role, policies) in state.RolePolicies)
        {
            _roles[role] = Read(policies);
        }
    }

    /// <summary>Accepts a credential that the options name.</summary>
    public void Add(Credential credential) => _named[credential.Identity.AccessKeyId] = credential;

    /// <summary>Accepts a credential from now on, also after a restart.</summary>
    public Task IssueAsync(Credential credential, CancellationToken cancellationToken)
    {
        _issued[credential.Identity.AccessKeyId] = credential;
        return SaveAsync(cancellationToken);
    }

    /// <summary>Gives a role the policies that the options name.</summary>
    public void AddRole(string role, IReadOnlyList<PolicyDocument> policies) => _roles[role] = policies;

    public Task SetRolePoliciesAsync(string role, IReadOnlyList<PolicyDocument> policies, CancellationToken cancellationToken)
    {
        _roles[role] = policies;
        return SaveAsync(cancellationToken);
    }

    public Credential? Find(string accessKeyId) => _named.GetValueOrDefault(accessKeyId) ?? _issued.GetValueOrDefault(accessKeyId);

    /// <summary>Whose a credential is, with the policies that apply now: those of a role may have changed since it was assumed.</summary>
    public CallerIdentity Identify(Credential credential)
    {
        var identity = credential.Identity;
        var policies = identity.IsSession ? _roles.GetValueOrDefault(identity.PrincipalName) ?? [] : credential.Policies;
        return identity with { Policies = new PolicySet(policies, credential.SessionPolicies) };
    }

    public static IReadOnlyList<PolicyDocument> Read(IEnumerable<string> policies) => [.. policies.Select(PolicyReader.Read)];

    // Read when it is this section's turn to be written: of two calls, the one that read less could write last.
    private Task SaveAsync(CancellationToken cancellationToken) =>
        store.WriteAsync(Section, Snapshot, CredentialJson.Default.CredentialState, cancellationToken);

    private CredentialState Snapshot()
    {
        var now = timeProvider.GetUtcNow();
        foreach (var (id, credential) in _issued)
        {
            // An expired token is told from an unknown one for a while; a day is enough for any test.
            if (credential.ExpiresAt + TimeSpan.FromDays(1) < now) _issued.TryRemove(id, out _);
        }

        return new CredentialState(
            [.. _issued.Values.Select(Store).OrderBy(static credential => credential.AccessKeyId, StringComparer.Ordinal)],
            _roles.ToDictionary(static role => role.Key, static role => Store(role.Value), StringComparer.Ordinal));
    }

    private static StoredCredential Store(Credential credential) => new()
    {
        AccountId = credential.Identity.AccountId,
        Arn = credential.Identity.Arn,
        PrincipalArn = credential.Identity.PrincipalArn,
        UserId = credential.Identity.UserId,
        AccessKeyId = credential.Identity.AccessKeyId,
        SecretAccessKey = credential.SecretAccessKey,
        SessionToken = credential.SessionToken,
        ExpiresAt = credential.ExpiresAt,
        Policies = Store(credential.Policies),
        SessionPolicies = Store(credential.SessionPolicies),
    };

    private static IReadOnlyList<string> Store(IEnumerable<PolicyDocument> policies) => [.. policies.Select(static policy => policy.Json)];
}
