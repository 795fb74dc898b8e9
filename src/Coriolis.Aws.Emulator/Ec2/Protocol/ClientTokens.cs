using System.Security.Cryptography;
using System.Text;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Protocol;

/// <summary>Idempotency: the same client token with the same parameters answers what it made the first time.</summary>
internal static class ClientTokens
{
    // The EC2 developer guide, "Ensuring idempotency": a token is remembered for at least 24 hours.
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(24);

    /// <summary>The resources that the request's token has made before; null when it is new or absent.</summary>
    public static IReadOnlyList<string>? FindPrevious(Ec2Call call)
    {
        if (call.Parameters.Text("ClientToken") is not { Length: > 0 } token) return null;
        // AWS's model bounds the token at 64 characters.
        if (token.Length > 64) throw Ec2Errors.InvalidValue("Client token is longer than 64 characters.");
        if (!call.State.ClientTokens.TryGetValue(Key(call, token), out var record) || record.UsedAt + s_lifetime < call.Now) return null;
        if (record.ParametersDigest == Digest(call)) return record.ResourceIds;
        throw Ec2Errors.Create(
            "IdempotentParameterMismatch",
            "Parameters on this idempotent request are inconsistent with parameters used in previous request(s)");
    }

    public static void Remember(Ec2Call call, IReadOnlyList<string> resourceIds)
    {
        if (call.Parameters.Text("ClientToken") is not { Length: > 0 } token) return;
        foreach (var (key, record) in call.State.ClientTokens)
        {
            if (record.UsedAt + s_lifetime < call.Now) call.State.ClientTokens.TryRemove(key, out _);
        }

        call.State.ClientTokens[Key(call, token)] = new IdempotencyRecord(Digest(call), resourceIds, call.Now);
    }

    private static string Key(Ec2Call call, string token) => $"{call.Operation}/{token}";

    private static string Digest(Ec2Call call)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in call.Parameters.All)
        {
            text.Append(name).Append('=').Append(Uri.EscapeDataString(value)).Append('&');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
