namespace Coriolis.Morphing.Ssh;

/// <summary>The public key by which a machine is known.</summary>
internal sealed class SshHostKey
{
    private readonly string _type;
    private readonly byte[] _blob;

    private SshHostKey(string type, byte[] blob)
    {
        _type = type;
        _blob = blob;
    }

    /// <param name="line">Type, Base64 and perhaps a comment, as in a <c>.pub</c> file.</param>
    public static SshHostKey Parse(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var blob = new byte[line.Length];
        return fields.Length >= 2 && Convert.TryFromBase64String(fields[1], blob, out var length)
            ? new(fields[0], blob[..length])
            : throw new ArgumentException("The host key is not the line of a .pub file: a type and the key in Base64.", nameof(line));
    }

    public bool Matches(ReadOnlySpan<byte> blob) => blob.SequenceEqual(_blob);

    /// <summary>Whether a signature algorithm uses keys of this type; RSA keys have several.</summary>
    public bool IsUsedBy(string algorithm) =>
        algorithm == _type || (_type == "ssh-rsa" && algorithm.StartsWith("rsa-sha2-", StringComparison.Ordinal));
}
