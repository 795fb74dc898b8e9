using System.Xml;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.Signing;

namespace Coriolis.Aws.Emulator.Sts;

/// <summary>The STS query API, version 2011-06-15: who is calling, temporary credentials that end, and why a call was denied.</summary>
internal sealed class StsService(CredentialRegistry credentials, TimeProvider timeProvider) : IAwsService
{
    private const string Namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

    private readonly RoleSessions _sessions = new(credentials, timeProvider);

    public async Task HandleAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        Action<XmlWriter> result = call.Operation switch
        {
            // The STS API reference: no policy can keep a caller from asking who it is.
            "GetCallerIdentity" => xml => WriteIdentity(xml, call.Identity),
            "AssumeRole" => await _sessions.AssumeAsync(call, cancellationToken).ConfigureAwait(false),
            "DecodeAuthorizationMessage" => Decode(call),
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

    private Action<XmlWriter> Decode(ServiceCall call)
    {
        var authorizer = new Authorizer(call, timeProvider.GetUtcNow());
        authorizer.Demand(new AccessRequest("sts:DecodeAuthorizationMessage", "*", authorizer.Keys));
        var encoded = call.Parameters.Required("EncodedMessage");
        var decoded = AuthorizationMessage.Decode(encoded)
            ?? throw new AwsErrorException("InvalidAuthorizationMessageException", 400, "Message is not valid");
        return xml => xml.WriteElementString("DecodedMessage", decoded);
    }
}
