using Coriolis.Aws.Emulator.Iam;

namespace Coriolis.Aws.Emulator.Kms;

/// <summary>
/// Who may use a key: whom a policy or a grant allows it. All keys have the default key policy, which leaves it to the account's policies;
/// the key that AWS manages for EBS may be used through EBS by everybody in the account, and by nobody directly.
/// </summary>
internal sealed class KeyUse(KeyRings rings)
{
    private static readonly string[] s_directOnManagedKeys = ["Describe", "Get", "List", "RevokeGrant"];

    /// <summary>Whether a caller of EC2 or of the EBS direct APIs may do something with a key.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="region">The key's region.</param>
    /// <param name="key">The key.</param>
    /// <param name="operation">What EBS does on the caller's behalf, for example <c>Decrypt</c>.</param>
    /// <param name="ebsId">The volume or snapshot that EBS names in the encryption context.</param>
    public bool IsAllowedThroughEbs(Authorizer caller, string region, EncryptionKey key, string operation, string? ebsId)
    {
        if (key.AwsManaged || caller.IsUnrestricted) return true;
        var context = new Dictionary<string, string>();
        if (ebsId is not null) context["aws:ebs:id"] = ebsId;
        var keys = KeysOf(caller, key, context).Add("kms:ViaService", $"ec2.{region}.amazonaws.com");
        if (operation == "CreateGrant") keys.Add("kms:GrantIsForAWSResource", true);
        return caller.IsAllowed(new AccessRequest($"kms:{operation}", key.Arn, keys)) || IsGranted(caller, region, key, operation, context);
    }

    /// <summary>Throws unless a caller of KMS itself may do something with a key.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="region">The key's region.</param>
    /// <param name="key">The key.</param>
    /// <param name="operation">The operation that is called.</param>
    /// <param name="context">The encryption context of the request; empty when it has none.</param>
    public void Demand(Authorizer caller, string region, EncryptionKey key, string operation, IReadOnlyDictionary<string, string> context)
    {
        if (key.AwsManaged && !s_directOnManagedKeys.Any(prefix => operation.StartsWith(prefix, StringComparison.Ordinal)))
        {
            throw KmsErrors.Create(
                "AccessDeniedException",
                $"User: {caller.Identity.Arn} is not authorized to perform: kms:{operation} on resource: {key.Arn} because no resource-based policy allows the kms:{operation} action");
        }

        if (caller.IsUnrestricted || IsGranted(caller, region, key, operation, context)) return;
        caller.Demand(new AccessRequest($"kms:{operation}", key.Arn, KeysOf(caller, key, context)));
    }

    private static ContextKeys KeysOf(Authorizer caller, EncryptionKey key, IReadOnlyDictionary<string, string> context)
    {
        var keys = new ContextKeys(caller.Keys)
            .Add("kms:CallerAccount", caller.Identity.AccountId)
            .Add("kms:KeyOrigin", "AWS_KMS")
            .Add("kms:KeySpec", key.KeySpec)
            .Add("kms:KeyUsage", key.KeyUsage)
            .Add("kms:MultiRegion", key.MultiRegion);
        foreach (var (name, value) in context)
        {
            keys.Add($"kms:EncryptionContext:{name}", value).Add("kms:EncryptionContextKeys", name);
        }

        return keys;
    }

    private bool IsGranted(Authorizer caller, string region, EncryptionKey key, string operation, IReadOnlyDictionary<string, string> context) =>
        rings.Get(region).Grants.Values.Any(grant =>
            grant.KeyArn == key.Arn
            && grant.Covers(operation, context)
            && (grant.GranteePrincipal == caller.Identity.Arn || grant.GranteePrincipal == caller.Identity.PrincipalArn));
}
