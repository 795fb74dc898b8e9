using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;
using Renci.SshNet;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>An Ed25519 key pair that is made in memory and never leaves it but as the text of its halves.</summary>
internal sealed class SshKeyPair
{
    private readonly byte[] _publicBlob;

    private SshKeyPair(Ed25519PrivateKeyParameters key)
    {
        PrivateKey = PemEncoding.WriteString("OPENSSH PRIVATE KEY", OpenSshPrivateKeyUtilities.EncodePrivateKey(key));
        _publicBlob = OpenSshPublicKeyUtilities.EncodePublicKey(key.GeneratePublicKey());
    }

    /// <summary>The private half in OpenSSH's form.</summary>
    public string PrivateKey { get; }

    /// <summary>The public half, as one line of an authorized_keys file.</summary>
    public string PublicKey => $"ssh-ed25519 {Convert.ToBase64String(_publicBlob)} coriolis";

    public static SshKeyPair Create() => new(new Ed25519PrivateKeyParameters(new SecureRandom()));

    /// <summary>Whether a server showed this key.</summary>
    public bool Matches(ReadOnlySpan<byte> hostKey) => hostKey.SequenceEqual(_publicBlob);

    public PrivateKeyFile ToIdentity() => new(new MemoryStream(Encoding.ASCII.GetBytes(PrivateKey)));
}
