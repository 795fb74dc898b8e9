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
    /// <param name="call">The request.</param>
    /// <param name="findLive">Finds a resource by its id; null when it is gone.</param>
    /// <param name="goneCode">The error when not all of them are there any more: nothing is made twice, and nothing is left to answer.</param>
    public static IReadOnlyList<T>? FindPrevious<T>(Ec2Call call, Func<string, T?> findLive, string goneCode)
        where T : class
    {
        if (call.Parameters.Text("ClientToken") is not { Length: > 0 } token) return null;
        // AWS's model bounds the token at 64 characters.
        if (token.Length > 64) throw Ec2Errors.InvalidValue("Client token is longer than 64 characters.");
        if (Find(call.State, call.Operation, token, call.Now) is not { } record) return null;
        if (record.ParametersDigest != Digest(call))
        {
            throw Ec2Errors.Create(
                "IdempotentParameterMismatch",
                "Parameters on this idempotent request are inconsistent with parameters used in previous request(s)");
        }

        return
        [
            .. record.ResourceIds.Select(id => findLive(id) ?? throw Ec2Errors.Create(
                goneCode, $"What this client token made, '{id}', no longer exists. Use another token.")),
        ];
    }

    public static void Remember(Ec2Call call, IReadOnlyList<string> resourceIds)
    {
        if (call.Parameters.Text("ClientToken") is not { Length: > 0 } token) return;
        Remember(call.State, call.Operation, token, new IdempotencyRecord(Digest(call), resourceIds, call.Now));
    }

    /// <summary>What a token was used for, for services that have their own parameters and errors; null when it is new or forgotten.</summary>
    public static IdempotencyRecord? Find(RegionState state, string operation, string token, DateTimeOffset now) =>
        state.ClientTokens.TryGetValue(Key(operation, token), out var record) && record.UsedAt + s_lifetime >= now ? record : null;

    /// <summary>Remembers what a token was used for, and forgets those whose time is over.</summary>
    public static void Remember(RegionState state, string operation, string token, IdempotencyRecord used)
    {
        foreach (var (key, record) in state.ClientTokens)
        {
            if (record.UsedAt + s_lifetime < used.UsedAt) state.ClientTokens.TryRemove(key, out _);
        }

        state.ClientTokens[Key(operation, token)] = used;
    }

    private static string Key(string operation, string token) => $"{operation}/{token}";

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
