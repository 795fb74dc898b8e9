using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.Ec2.Protocol;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>What a volume has and no listing shows: its Marketplace product codes.</summary>
internal static class VolumeAttributes
{
    public static void Describe(Ec2Call call)
    {
        var volume = ResourceKind.Volume.Find(call.State.Volumes, call.Parameters.Required("VolumeId"));
        call.Response.Add("volumeId", volume.Id);
        switch (call.Parameters.Required("Attribute"))
        {
            case "productCodes":
                InstanceXml.WriteProductCodes(call.Response, volume.ProductCodes);
                break;
            case var other:
                throw Ec2Errors.InvalidValue($"Value ({other}) for parameter attribute is invalid. Unknown attribute.");
        }
    }
}
