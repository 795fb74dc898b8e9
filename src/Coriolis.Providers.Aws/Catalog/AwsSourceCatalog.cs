using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Providers.Aws.Workers;

namespace Coriolis.Providers.Aws;

/// <summary>Lists what the settings of a source environment can be set to in an account.</summary>
/// <remarks>Thread safety: may be used concurrently. Changes nothing.</remarks>
public sealed class AwsSourceCatalog
{
    /// <summary>The names of the settings whose values can be listed.</summary>
    public static IReadOnlyList<string> OptionNames { get; } = ["export_image", "migr_image_map", "worker_instance_type", "worker_subnet_id"];

    private const string Linux = "linux";
    private const string Windows = "windows";

    private readonly IAmazonEC2 _ec2;
    private readonly AwsGateway _gateway;
    private readonly AwsSourceOptions _options;

    internal AwsSourceCatalog(IAmazonEC2 ec2, AwsGateway gateway, AwsSourceOptions options)
    {
        _ec2 = ec2;
        _gateway = gateway;
        _options = options;
    }

    /// <summary>Lists settings with their values.</summary>
    /// <param name="names">Which settings; empty for all of <see cref="OptionNames"/>.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The settings in the order of <see cref="OptionNames"/>, their values by name.</returns>
    /// <exception cref="ArgumentException">A name is not among <see cref="OptionNames"/>.</exception>
    /// <exception cref="CoriolisException">AWS does not let the values be listed.</exception>
    public async Task<IReadOnlyList<SourceOption>> ListAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.FirstOrDefault(static name => !OptionNames.Contains(name)) is { } unknown)
        {
            throw new ArgumentException($"'{unknown}' has no values to list; these have: {string.Join(", ", OptionNames)}.", nameof(names));
        }

        var wanted = OptionNames.Where(name => names.Count == 0 || names.Contains(name)).ToList();
        var images = wanted.Exists(static name => name is "export_image" or "migr_image_map")
            ? await ListImagesAsync(cancellationToken).ConfigureAwait(false)
            : [];
        var found = new List<SourceOption>();
        foreach (var name in wanted)
        {
            found.Add(name switch
            {
                "export_image" => new SourceOption { Name = name, Values = [.. images.Where(static image => image.OsType == Linux)], Default = _options.ExportImage },
                "migr_image_map" => new SourceOption { Name = name, Values = images },
                "worker_instance_type" => new SourceOption
                {
                    Name = name,
                    Values = await ListTypesAsync(cancellationToken).ConfigureAwait(false),
                    Default = _options.WorkerInstanceType,
                },
                _ => new SourceOption { Name = name, Values = await ListSubnetsAsync(cancellationToken).ConfigureAwait(false), Default = _options.WorkerSubnetId },
            });
        }

        return found;
    }

    /// <summary>The account's own images, and of the many public ones those that suit as workers: Ubuntu LTS of Canonical's and Windows Server of Amazon's.</summary>
    private async Task<IReadOnlyList<SourceOptionValue>> ListImagesAsync(CancellationToken cancellationToken)
    {
        var own = await DescribeImagesAsync("self", [], cancellationToken).ConfigureAwait(false);
        var ubuntu = await DescribeImagesAsync(
            WorkerImages.Canonical, [Ec2Names.Filter("name", WorkerImages.UbuntuServer)], cancellationToken).ConfigureAwait(false);
        var windows = await DescribeImagesAsync(
            "amazon",
            [Ec2Names.Filter("platform", Windows), Ec2Names.Filter("name", "Windows_Server-*-English-Full-Base-*")],
            cancellationToken).ConfigureAwait(false);
        return
        [
            .. own.Concat(WorkerImages.NewestLongTerm(ubuntu)).Concat(NewestOfEachVersion(windows))
                .Select(static image => new SourceOptionValue(image.ImageId, image.Name, image.Platform == PlatformValues.Windows ? Windows : Linux))
                .OrderBy(static value => value.Name, StringComparer.Ordinal),
        ];
    }

    // A name ends with the date of the image: Windows_Server-2022-English-Full-Base-2026.07.15.
    private static IEnumerable<Image> NewestOfEachVersion(IEnumerable<Image> images) => images
        .GroupBy(static image => image.Name[..image.Name.LastIndexOf('-')])
        .Select(static version => version.MaxBy(static image => image.CreationDate, StringComparer.Ordinal)!);

    private async Task<IReadOnlyList<Image>> DescribeImagesAsync(string owner, List<Filter> filters, CancellationToken cancellationToken)
    {
        var request = new DescribeImagesRequest
        {
            Owners = [owner],
            Filters = [.. filters, Ec2Names.Filter("state", "available"), Ec2Names.Filter("virtualization-type", "hvm")],
        };
        var response = await _gateway.InvokeAsync(
            new AwsCall("ec2", "DescribeImages"), token => _ec2.DescribeImagesAsync(request, token), cancellationToken).ConfigureAwait(false);
        return response.Images ?? [];
    }

    private async Task<IReadOnlyList<SourceOptionValue>> ListTypesAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var request = new DescribeInstanceTypeOfferingsRequest { LocationType = LocationType.Region };
        do
        {
            var response = await _gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeInstanceTypeOfferings"),
                token => _ec2.DescribeInstanceTypeOfferingsAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            names.AddRange((response.InstanceTypeOfferings ?? []).Select(static offering => offering.InstanceType.Value));
            request.NextToken = response.NextToken;
        }
        while (!string.IsNullOrEmpty(request.NextToken));
        return [.. names.Order(StringComparer.Ordinal).Select(static name => new SourceOptionValue(name))];
    }

    private async Task<IReadOnlyList<SourceOptionValue>> ListSubnetsAsync(CancellationToken cancellationToken)
    {
        var values = new List<SourceOptionValue>();
        var request = new DescribeSubnetsRequest();
        do
        {
            var response = await _gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeSubnets"), token => _ec2.DescribeSubnetsAsync(request, token), cancellationToken).ConfigureAwait(false);
            values.AddRange((response.Subnets ?? []).Select(static subnet => new SourceOptionValue(
                subnet.SubnetId,
                $"{Ec2Names.TagValue(subnet.Tags, "Name") ?? subnet.CidrBlock} in {subnet.AvailabilityZone} of {subnet.VpcId}")));
            request.NextToken = response.NextToken;
        }
        while (!string.IsNullOrEmpty(request.NextToken));
        return [.. values.OrderBy(static value => value.Name, StringComparer.Ordinal)];
    }
}
