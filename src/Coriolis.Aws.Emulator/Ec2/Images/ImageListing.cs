using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Images;

/// <summary>DescribeImages.</summary>
internal static class ImageListing
{
    private static readonly FilterTable<ImageRecord> s_filters = new FilterTable<ImageRecord>
    {
        { "architecture", static image => image.Architecture },
        { "block-device-mapping.delete-on-termination", static image => image.Devices.Select(static device => device.DeleteOnTermination ? "true" : "false") },
        { "block-device-mapping.device-name", static image => image.Devices.Select(static device => device.DeviceName) },
        { "block-device-mapping.encrypted", static image => image.Devices.Select(static device => device.Encrypted ? "true" : "false") },
        { "block-device-mapping.snapshot-id", static image => image.Devices.Select(static device => device.SnapshotId) },
        { "block-device-mapping.volume-type", static image => image.Devices.Select(static device => device.VolumeType) },
        { "boot-mode", static image => image.BootMode },
        { "creation-date", static image => image.CreationDate },
        { "description", static image => image.Description },
        { "ena-support", static image => image.EnaSupport },
        { "hypervisor", static _ => "xen" },
        { "image-id", static image => image.Id },
        { "image-type", static _ => "machine" },
        { "imds-support", static image => image.ImdsSupport },
        { "is-public", static image => image.Public },
        { "name", static image => image.Name },
        { "owner-alias", static image => image.OwnerAlias },
        { "owner-id", static image => image.OwnerId },
        { "platform", static image => image.Platform },
        { "platform-details", static image => image.PlatformDetails },
        { "product-code", static image => image.ProductCodes },
        { "root-device-name", static image => image.RootDeviceName },
        { "root-device-type", static _ => "ebs" },
        { "state", static _ => "available" },
        { "tpm-support", static image => image.TpmSupport },
        { "usage-operation", static image => image.UsageOperation },
        { "virtualization-type", static image => image.VirtualizationType },
    }.WithTags(static image => image.Tags);

    public static void Describe(Ec2Call call)
    {
        var ids = call.Parameters.List("ImageId");
        var owners = call.Parameters.List("Owner");
        var users = call.Parameters.List("ExecutableBy");
        var images = ResourceKind.Image.FindAllOrEvery(call.State.Images, ids)
            .Where(image => owners.Count == 0 || owners.Any(owner => Owns(call, owner, image)))
            .Where(image => users.Count == 0 || users.Any(user => user == "all" ? image.Public : user == "self" && image.OwnerId == call.AccountId));
        var page = Pages.Take(call, s_filters.Apply(call.Parameters, images), static image => Pages.Sequence(image.Sequence), min: 1);
        call.Response.AddList("imagesSet", page, image => ImageXml.Write(call.Response, image));
    }

    private static bool Owns(Ec2Call call, string owner, ImageRecord image) =>
        owner == image.OwnerId || owner == image.OwnerAlias || (owner == "self" && image.OwnerId == call.AccountId);
}
