using System.Globalization;
using System.Security.Cryptography;
using System.Xml;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Signing;

namespace Coriolis.Aws.Emulator.Sts;

/// <summary>The STS query API, version 2011-06-15: who is calling, and temporary credentials that end.</summary>
internal sealed class StsService(CredentialRegistry credentials, TimeProvider timeProvider) : IAwsService
{
    private const string Namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

    public async Task HandleAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        Action<XmlWriter> result = call.Operation switch
        {
            "GetCallerIdentity" => xml => WriteIdentity(xml, call.Identity),
            "AssumeRole" => AssumeRole(call),
            _ => throw new AwsErrorException("InvalidAction", 400, $"Could not find operation {call.Operation} for version 2011-06-15"),
        };
        using var buffer = new MemoryStream();
        using (var xml = XmlWriter.Create(buffer))
        {
            xml.WriteStartElement(call.Operation + "Response", Namespace);
            xml.WriteStartElement(call.Operation + "Result");
            result(xml);
            xml.WriteEndElement();
            xml.WriteStartElement("ResponseMetadata");
            xml.WriteElementString("RequestId", call.RequestId);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        call.Http.Response.ContentType = "text/xml";
        call.Http.Response.ContentLength = buffer.Length;
        await call.Http.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken).ConfigureAwait(false);
    }

    private static void WriteIdentity(XmlWriter xml, CallerIdentity identity)
    {
        xml.WriteElementString("Arn", identity.Arn);
        xml.WriteElementString("UserId", identity.UserId);
        xml.WriteElementString("Account", identity.AccountId);
    }

    private Action<XmlWriter> AssumeRole(ServiceCall call)
    {
        var parameters = call.Parameters;
        var roleArn = parameters.Text("RoleArn") ?? "";
        var sessionName = parameters.Text("RoleSessionName") ?? "";

        // AssumeRole: DurationSeconds from 900 to 43200, 3600 when not given.
        var seconds = parameters.Integer("DurationSeconds") ?? 3600;
        if (roleArn.Split(':') is not ["arn", _, "iam", "", { Length: 12 } accountId, var role] || !role.StartsWith("role/", StringComparison.Ordinal))
        {
            throw Invalid($"{roleArn} is invalid");
        }

        if (sessionName.Length is < 2 or > 64 || seconds is < 900 or > 43200)
        {
            throw Invalid("RoleSessionName must have 2 to 64 characters, and DurationSeconds must be between 900 and 43200");
        }

        var roleId = "AROA" + Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(roleArn)))[..16];
        var identity = new CallerIdentity(
            accountId,
            $"arn:aws:sts::{accountId}:assumed-role/{role[(role.LastIndexOf('/') + 1)..]}/{sessionName}",
            $"{roleId}:{sessionName}",
            "ASIA" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16));
        var expiresAt = timeProvider.GetUtcNow().AddSeconds(seconds);
        var credential = new Credential(
            identity,
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(30)),
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(96)),
            expiresAt);
        credentials.Add(credential);
        return xml => WriteCredential(xml, credential, expiresAt);
    }

    private static void WriteCredential(XmlWriter xml, Credential credential, DateTimeOffset expiresAt)
    {
        xml.WriteStartElement("AssumedRoleUser");
        xml.WriteElementString("AssumedRoleId", credential.Identity.UserId);
        xml.WriteElementString("Arn", credential.Identity.Arn);
        xml.WriteEndElement();
        xml.WriteStartElement("Credentials");
        xml.WriteElementString("AccessKeyId", credential.Identity.AccessKeyId);
        xml.WriteElementString("SecretAccessKey", credential.SecretAccessKey);
        xml.WriteElementString("SessionToken", credential.SessionToken);
        xml.WriteElementString("Expiration", expiresAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        xml.WriteEndElement();
    }

    private static AwsErrorException Invalid(string message) => new("ValidationError", 400, message);
}
