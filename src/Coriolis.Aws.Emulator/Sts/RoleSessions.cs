using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.Signing;

namespace Coriolis.Aws.Emulator.Sts;

/// <summary>AssumeRole: temporary credentials of a role. Every role exists and trusts every caller whose policies let it ask.</summary>
internal sealed partial class RoleSessions(CredentialRegistry credentials, TimeProvider timeProvider)
{
    // AssumeRole: the session policies may have at most 2,048 characters in plain text.
    private const int MaxPolicyLength = 2048;

    // AssumeRole: role chaining, a role assumed by the session of a role, is limited to one hour.
    private const int MaxChainedSeconds = 3600;

    public async Task<Action<XmlWriter>> AssumeAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        var parameters = call.Parameters;
        var roleArn = parameters.Text("RoleArn") ?? "";
        var sessionName = parameters.Text("RoleSessionName") ?? "";

        // AssumeRole: DurationSeconds from 900 to 43200, 3600 when not given.
        var seconds = parameters.Integer("DurationSeconds") ?? 3600;
        if (roleArn.Split(':') is not ["arn", _, "iam", "", { Length: 12 } accountId, var role] || !role.StartsWith("role/", StringComparison.Ordinal))
        {
            throw StsErrors.Invalid($"{roleArn} is invalid");
        }

        if (!SessionName().IsMatch(sessionName)) throw StsErrors.Invalid("RoleSessionName must have 2 to 64 characters and satisfy the pattern [\\w+=,.@-]*");
        if (seconds is < 900 or > 43200) throw StsErrors.Invalid("DurationSeconds must be between 900 and 43200");
        if (call.Identity.IsSession && seconds > MaxChainedSeconds)
        {
            throw StsErrors.Invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
        }

        var now = timeProvider.GetUtcNow();
        Authorize(call, roleArn, sessionName, now);
        var roleId = "AROA" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(roleArn)))[..16];
        var identity = new CallerIdentity(
            accountId,
            $"arn:aws:sts::{accountId}:assumed-role/{role[(role.LastIndexOf('/') + 1)..]}/{sessionName}",
            $"{roleId}:{sessionName}",
            "ASIA" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16))
        {
            PrincipalArn = roleArn,
        };
        var credential = new Credential(identity, Convert.ToBase64String(RandomNumberGenerator.GetBytes(30)))
        {
            SessionToken = Convert.ToBase64String(RandomNumberGenerator.GetBytes(96)),
            ExpiresAt = now.AddSeconds(seconds),
            SessionPolicies = ReadPolicy(parameters.Text("Policy")),
        };
        await credentials.IssueAsync(credential, cancellationToken).ConfigureAwait(false);
        return xml => Write(xml, credential);
    }

    private static void Authorize(ServiceCall call, string roleArn, string sessionName, DateTimeOffset now)
    {
        var authorizer = new Authorizer(call, now);
        var keys = new ContextKeys(authorizer.Keys)
            .Add("sts:ExternalId", call.Parameters.Text("ExternalId"))
            .Add("sts:RoleSessionName", sessionName);
        authorizer.Demand(new AccessRequest("sts:AssumeRole", roleArn, keys));
    }

    private static IReadOnlyList<PolicyDocument> ReadPolicy(string? json)
    {
        if (json is null) return [];
        if (json.Length > MaxPolicyLength) throw new AwsErrorException("PackedPolicyTooLarge", 400, $"The session policy has more than {MaxPolicyLength} characters");
        try
        {
            return [PolicyReader.Read(json)];
        }
        catch (FormatException e)
        {
            throw new AwsErrorException("MalformedPolicyDocument", 400, e.Message);
        }
    }

    private static void Write(XmlWriter xml, Credential credential)
    {
        xml.WriteStartElement("AssumedRoleUser");
        xml.WriteElementString("AssumedRoleId", credential.Identity.UserId);
        xml.WriteElementString("Arn", credential.Identity.Arn);
        xml.WriteEndElement();
        xml.WriteStartElement("Credentials");
        xml.WriteElementString("AccessKeyId", credential.Identity.AccessKeyId);
        xml.WriteElementString("SecretAccessKey", credential.SecretAccessKey);
        xml.WriteElementString("SessionToken", credential.SessionToken);
        xml.WriteElementString("Expiration", credential.ExpiresAt?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        xml.WriteEndElement();
    }

    [GeneratedRegex(@"^[a-zA-Z0-9_+=,.@-]{2,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SessionName();
}
