using System.Collections.Concurrent;

namespace Coriolis.Aws.Emulator.Signing;

/// <summary>The credentials that the emulator accepts: those of the options and those that STS has issued.</summary>
internal sealed class CredentialRegistry
{
    private readonly ConcurrentDictionary<string, Credential> _credentials = new(StringComparer.Ordinal);

    public void Add(Credential credential) => _credentials[credential.Identity.AccessKeyId] = credential;

    public Credential? Find(string accessKeyId) => _credentials.GetValueOrDefault(accessKeyId);
}
