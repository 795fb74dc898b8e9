using System.Security.Cryptography;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Signing;

namespace Coriolis.Aws.Emulator.Admin;

/// <summary>Says who may call, and what the policies of users and roles are.</summary>
internal sealed class AccessAdmin(CredentialRegistry credentials, string accountId)
{
    private const string KeyCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public CredentialRegistry Credentials => credentials;

    /// <summary>Accepts the keys of the options, or one that is made up for the run, and those that earlier runs have issued.</summary>
    public IReadOnlyList<EmulatorCredential> Accept(AwsEmulatorOptions options)
    {
        credentials.Load();
        IReadOnlyList<EmulatorCredential> accepted = options.Credentials.Count > 0 ? [.. options.Credentials] : [NewKey([])];
        foreach (var credential in accepted)
        {
            credentials.Add(User(credential));
        }

        foreach (var (role, policies) in options.RolePolicies)
        {
            credentials.AddRole(role, CredentialRegistry.Read(policies));
        }

        return accepted;
    }

    public async Task<EmulatorCredential> CreateCredentialAsync(IEnumerable<string> policies, CancellationToken cancellationToken)
    {
        var credential = NewKey([.. policies]);
        await credentials.IssueAsync(User(credential), cancellationToken).ConfigureAwait(false);
        return credential;
    }

    public Task SetRolePoliciesAsync(string role, IEnumerable<string> policies, CancellationToken cancellationToken) =>
        credentials.SetRolePoliciesAsync(role, CredentialRegistry.Read(policies), cancellationToken);

    private static EmulatorCredential NewKey(IReadOnlyList<string> policies) => new(
        "AKIA" + RandomNumberGenerator.GetString(KeyCharacters, 16), RandomNumberGenerator.GetHexString(40, lowercase: true))
    {
        Policies = policies,
    };

    private Credential User(EmulatorCredential credential)
    {
        var id = credential.AccessKeyId;
        var identity = new CallerIdentity(accountId, $"arn:aws:iam::{accountId}:user/{id}", id, id);
        return new Credential(identity, credential.SecretAccessKey) { Policies = CredentialRegistry.Read(credential.Policies) };
    }
}
