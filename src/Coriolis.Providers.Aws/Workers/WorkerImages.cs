using System.Text.RegularExpressions;
using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Chooses the image of workers and checks that one can be had from it before anything is created.</summary>
internal sealed partial class WorkerImages(IAmazonEC2 ec2, AwsGateway gateway, AwsSourceOptions options)
{
    // Canonical's account, as its documentation gives it ("Find Ubuntu images with the AWS CLI").
    public const string Canonical = "099720109477";

    /// <summary>The names of Canonical's images of Ubuntu for servers, as a filter takes them.</summary>
    public const string UbuntuServer = "ubuntu/images/hvm-ssd*/ubuntu-*-server-*";

    /// <summary>Of Canonical's images the newest of each long-term version and architecture, the latest version first.</summary>
    public static IEnumerable<Image> NewestLongTerm(IEnumerable<Image> images) => images
        .Select(static image => (Image: image, Version: LongTermVersion().Match(image.Name)))
        .Where(static pair => pair.Version.Success && (pair.Version.Groups[1].Value[1] - '0') % 2 == 0)
        .GroupBy(static pair => (Version: pair.Version.Groups[1].Value, Architecture: pair.Image.Architecture.Value))
        .OrderByDescending(static group => group.Key.Version, StringComparer.Ordinal)
        .Select(static group => group.MaxBy(static pair => pair.Image.CreationDate, StringComparer.Ordinal).Image);

    public async Task<Image> ChooseAsync(InstanceTypeInfo type, CancellationToken cancellationToken)
    {
        var architectures = type.ProcessorInfo.SupportedArchitectures;
        var image = (options.ExportImage ?? Configured("linux")) is { } id
            ? await FindAsync(id, "linux", cancellationToken).ConfigureAwait(false)
            : await FindUbuntuAsync(architectures.Contains("x86_64") ? "x86_64" : "arm64", cancellationToken).ConfigureAwait(false);
        var problem = image switch
        {
            _ when image.State != ImageState.Available => $"it is {image.State}",
            _ when image.VirtualizationType != VirtualizationType.Hvm => "it is not an HVM image",
            _ when image.Platform == PlatformValues.Windows => "it is a Windows image",
            _ when !architectures.Contains(image.Architecture.Value) => $"it is for {image.Architecture}, and {type.InstanceType} is not",
            _ when !Boots(image, type) => $"it boots by {image.BootMode} only, and {type.InstanceType} does not",
            _ when (image.BlockDeviceMappings ?? []).Count(static device => device.Ebs is not null) != 1 => "it has more than one disk",
            _ when image.ProductCodes is { Count: > 0 } => "it is a Marketplace product, which restricts what may be attached",
            _ => null,
        };
        return problem is null
            ? image
            : throw new SourceException($"The image {image.ImageId} cannot be that of a worker: {problem}.")
            {
                ResourceId = image.ImageId,
                Remedy = "Set migr_image_map.linux to a plain Linux image with cloud-init, or leave it out.",
            };
    }

    /// <summary>Checks the image for workers that morph Windows, where one is set and the guest is Windows: it must not be older than the guest.</summary>
    /// <exception cref="SourceException">It does not exist or does not fit.</exception>
    public async Task CheckWindowsAsync(SourceInstance source, CancellationToken cancellationToken)
    {
        if (source.OsType != OsType.Windows || Configured("windows") is not { } id)
        {
            return;
        }

        var image = await FindAsync(id, "windows", cancellationToken).ConfigureAwait(false);
        var version = WindowsVersion.Of(image);
        var guest = await FindGuestVersionAsync(source, cancellationToken).ConfigureAwait(false);
        var problem = image switch
        {
            _ when image.State != ImageState.Available => $"it is {image.State}",
            _ when image.Platform != PlatformValues.Windows => "it is not a Windows image",
            _ when image.Architecture.Value != source.Architecture => $"it is for {image.Architecture}, and {source.Id} is not",
            _ when version is not null && guest is not null && version.CompareTo(guest) < 0 => $"it has {version}, which is older than the {guest} of {source.Id}",
            _ => null,
        };
        if (problem is not null)
        {
            throw new SourceException($"The image {id} cannot be that of a worker for Windows: {problem}.")
            {
                ResourceId = id,
                Remedy = "Set migr_image_map.windows to an image of at least the version of the guest, or leave it out.",
            };
        }
    }

    // An image that prefers UEFI boots either way.
    private static bool Boots(Image image, InstanceTypeInfo type) => image.BootMode?.Value is not ("uefi" or "legacy-bios")
        || type.SupportedBootModes is not { Count: > 0 } modes || modes.Contains(image.BootMode.Value);

    private string? Configured(string os) => options.MigrImageMap.FirstOrDefault(pair => pair.Key.Equals(os, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The version of a guest is that of the image it was launched from, as long as that exists.</summary>
    private async Task<WindowsVersion?> FindGuestVersionAsync(SourceInstance source, CancellationToken cancellationToken)
    {
        if (source.ImageId is not { } id)
        {
            return null;
        }

        // A filter finds nothing where an id would be an error.
        var response = await gateway.InvokeAsync(
            new AwsCall("ec2", "DescribeImages", id),
            token => ec2.DescribeImagesAsync(new DescribeImagesRequest { Filters = [Ec2Names.Filter("image-id", id)] }, token),
            cancellationToken).ConfigureAwait(false);
        return response.Images is [var image, ..] ? WindowsVersion.Of(image) : null;
    }

    private async Task<Image> FindAsync(string id, string os, CancellationToken cancellationToken)
    {
        try
        {
            var response = await gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeImages", id),
                token => ec2.DescribeImagesAsync(new DescribeImagesRequest { ImageIds = [id] }, token),
                cancellationToken).ConfigureAwait(false);
            return response.Images?.FirstOrDefault() ?? throw Unknown(id, os, null);
        }
        catch (CoriolisException error) when (AwsErrors.IsNotFound(error))
        {
            throw Unknown(id, os, error);
        }
    }

    private SourceException Unknown(string id, string os, CoriolisException? error) => new($"The image {id} does not exist in {gateway.Region}.", error)
    {
        ResourceId = id,
        ErrorCode = error?.ErrorCode,
        RequestId = error?.RequestId,
        Remedy = $"Set migr_image_map.{os} to an image of this region that is shared with this account, or leave it out.",
    };

    private async Task<Image> FindUbuntuAsync(string architecture, CancellationToken cancellationToken)
    {
        var request = new DescribeImagesRequest
        {
            Owners = [Canonical],
            Filters =
            [
                Ec2Names.Filter("name", UbuntuServer),
                Ec2Names.Filter("architecture", architecture),
                Ec2Names.Filter("state", "available"),
            ],
        };
        var response = await gateway.InvokeAsync(
            new AwsCall("ec2", "DescribeImages"), token => ec2.DescribeImagesAsync(request, token), cancellationToken).ConfigureAwait(false);
        return NewestLongTerm(response.Images ?? [])
            .FirstOrDefault() ?? throw new SourceException($"{gateway.Region} has no Ubuntu LTS image of Canonical's for {architecture}.")
            {
                Remedy = "Set migr_image_map.linux to an image of this region.",
            };
    }

    // Long-term versions are those of the April of an even year.
    [GeneratedRegex(@"-(\d\d)\.04-")]
    private static partial Regex LongTermVersion();
}
