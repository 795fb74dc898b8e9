using System.Globalization;
using System.Text;
using System.Text.Json;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Metadata;

/// <summary>The instance identity document. Its signatures are not served: nobody but AWS can make them.</summary>
internal static class IdentityDocument
{
    // The version of the document, not of the service.
    private const string Version = "2017-09-30";

    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    public static string Of(InstanceRecord instance, Region region)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_indented))
        {
            json.WriteStartObject();
            json.WriteString("accountId", region.AccountId);
            json.WriteString("architecture", instance.Architecture);
            json.WriteString("availabilityZone", instance.AvailabilityZone);
            json.WriteNull("billingProducts");
            json.WriteNull("devpayProductCodes");
            WriteCodes(json, instance.ProductCodes);
            json.WriteString("imageId", instance.ImageId);
            json.WriteString("instanceId", instance.Id);
            json.WriteString("instanceType", instance.InstanceType);
            json.WriteNull("kernelId");
            json.WriteString("pendingTime", instance.LaunchTime.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteString("privateIp", instance.PrivateIp);
            json.WriteNull("ramdiskId");
            json.WriteString("region", region.Name);
            json.WriteString("version", Version);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteCodes(Utf8JsonWriter json, IReadOnlyList<string> codes)
    {
        if (codes.Count == 0)
        {
            json.WriteNull("marketplaceProductCodes");
            return;
        }

        json.WriteStartArray("marketplaceProductCodes");
        foreach (var code in codes)
        {
            json.WriteStringValue(code);
        }

        json.WriteEndArray();
    }
}
