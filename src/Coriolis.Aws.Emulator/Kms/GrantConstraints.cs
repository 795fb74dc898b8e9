using System.Text;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Kms;

/// <summary>The encryption contexts that a grant is limited to.</summary>
/// <param name="Subset">What the context must have at least.</param>
/// <param name="Equal">What the context must be; null when it may be more.</param>
internal sealed record GrantConstraints(IReadOnlyDictionary<string, string> Subset, IReadOnlyDictionary<string, string>? Equal)
{
    // The KMS developer guide, "Grant constraints": they are not applied to operations that have no encryption context.
    private static readonly string[] s_withContext = ["Decrypt", "Encrypt", "GenerateDataKey", "ReEncrypt"];

    /// <summary>Reads the JSON of the request; malformed JSON is the service's serialization error.</summary>
    public static GrantConstraints Read(string json)
    {
        using var request = JsonRequest.Parse(Encoding.UTF8.GetBytes(json));
        var equal = request.Map("EncryptionContextEquals");
        return new GrantConstraints(request.Map("EncryptionContextSubset"), equal.Count == 0 ? null : equal);
    }

    public bool Allow(string operation, IReadOnlyDictionary<string, string> context) =>
        !s_withContext.Any(prefix => operation.StartsWith(prefix, StringComparison.Ordinal))
        || (IsIn(Subset, context) && (Equal is null || (Equal.Count == context.Count && IsIn(Equal, context))));

    private static bool IsIn(IReadOnlyDictionary<string, string> part, IReadOnlyDictionary<string, string> whole) =>
        part.All(pair => whole.TryGetValue(pair.Key, out var value) && value == pair.Value);
}
