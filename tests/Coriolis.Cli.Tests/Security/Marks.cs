using System.Security.Cryptography;
using System.Text;

namespace Coriolis.Cli.Tests;

/// <summary>Secrets that can be recognised wherever they turn up, also encoded.</summary>
internal sealed class Marks
{
    // How private keys begin, whoever made them: PEM, OpenSSH's own format, PKCS#8 of an elliptic curve and of Ed25519.
    private static readonly string[] s_privateKeys = ["PRIVATE KEY-----", "b3BlbnNzaC1rZXktdjE", "openssh-key-v1", "MIGHAgEAMBMGByqGSM49", "MC4CAQAwBQYDK2Vw"];

    private readonly Dictionary<string, string> _forms = s_privateKeys.ToDictionary(form => form, form => $"a private key ({form})");

    /// <summary>A secret of letters and digits, so that no format has to escape it.</summary>
    public string Make(string name)
    {
        var secret = "MARK" + RandomNumberGenerator.GetString("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 36);
        Add(name, secret);
        return secret;
    }

    /// <summary>A secret that somebody else made.</summary>
    public void Add(string name, string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        _forms[secret] = name;
        _forms[Convert.ToHexString(bytes)] = $"{name} as hexadecimal";
        _forms[Convert.ToHexStringLower(bytes)] = $"{name} as hexadecimal";
        _forms[Uri.EscapeDataString(secret)] = $"{name} in a URL";

        // Base64 depends on where in a group of three bytes the secret begins; its ends depend on what is beside it.
        for (var skip = 0; skip < 3; skip++)
        {
            var whole = bytes.AsSpan(skip, (bytes.Length - skip) / 3 * 3);
            _forms[Convert.ToBase64String(whole)] = $"{name} as Base64";
        }
    }

    /// <summary>What of it is in a text, with the line; empty when nothing is.</summary>
    public IReadOnlyList<string> FindIn(string place, string text) =>
    [
        .. from form in _forms
           let at = text.IndexOf(form.Key, StringComparison.Ordinal)
           where at >= 0
           select $"{form.Value} in {place}: …{text[Math.Max(0, at - 100)..Math.Min(text.Length, at + 20)]}…",
    ];

    /// <summary>What of it is in the files of a folder, or in their names. Disks are left out: they are what their owner put there.</summary>
    public IReadOnlyList<string> FindInFolder(string folder)
    {
        var found = new List<string>();
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var content = path.EndsWith(".raw", StringComparison.Ordinal) ? "" : Encoding.Latin1.GetString(File.ReadAllBytes(path));
            found.AddRange(FindIn(path, path + "\n" + content));
        }

        return found;
    }
}
