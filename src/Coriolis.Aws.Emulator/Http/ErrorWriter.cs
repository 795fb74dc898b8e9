using System.Text.Encodings.Web;
using System.Text.Json;
using System.Xml;
using Microsoft.AspNetCore.Http;

namespace Coriolis.Aws.Emulator.Http;

/// <summary>Renders an error in the protocol of the service that answers.</summary>
internal static class ErrorWriter
{
    public static Task WriteAsync(HttpResponse response, string service, string requestId, AwsErrorException error, CancellationToken cancellationToken)
    {
        response.StatusCode = error.Status;
        var (contentType, body) = service switch
        {
            ServiceNames.Ebs => ("application/json", Json(error, withType: false)),
            ServiceNames.Kms => ("application/x-amz-json-1.1", Json(error, withType: true)),
            ServiceNames.Sts => ("text/xml", StsXml(requestId, error)),
            _ => ("text/xml;charset=UTF-8", Ec2Xml(requestId, error)),
        };
        if (service is ServiceNames.Ebs or ServiceNames.Kms) response.Headers["x-amzn-ErrorType"] = error.Code;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, cancellationToken).AsTask();
    }

    private static byte[] Json(AwsErrorException error, bool withType)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (withType) json.WriteString("__type", error.Code);
            // The EBS model spells the member "Message", the KMS model "message".
            json.WriteString(withType ? "message" : "Message", error.Message);
            if (error.Reason is not null) json.WriteString("Reason", error.Reason);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static byte[] Ec2Xml(string requestId, AwsErrorException error) => Xml(xml =>
    {
        xml.WriteStartElement("Response");
        xml.WriteStartElement("Errors");
        xml.WriteStartElement("Error");
        xml.WriteElementString("Code", error.Code);
        xml.WriteElementString("Message", error.Message);
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteElementString("RequestID", requestId);
        xml.WriteEndElement();
    });

    private static byte[] StsXml(string requestId, AwsErrorException error) => Xml(xml =>
    {
        xml.WriteStartElement("ErrorResponse", "https://sts.amazonaws.com/doc/2011-06-15/");
        xml.WriteStartElement("Error");
        xml.WriteElementString("Type", error.Status < 500 ? "Sender" : "Receiver");
        xml.WriteElementString("Code", error.Code);
        xml.WriteElementString("Message", error.Message);
        xml.WriteEndElement();
        xml.WriteElementString("RequestId", requestId);
        xml.WriteEndElement();
    });

    private static byte[] Xml(Action<XmlWriter> write)
    {
        using var buffer = new MemoryStream();
        // A message may quote bytes of a malformed request that XML cannot hold.
        using (var xml = XmlWriter.Create(buffer, new XmlWriterSettings { CheckCharacters = false }))
        {
            write(xml);
        }

        return buffer.ToArray();
    }
}
