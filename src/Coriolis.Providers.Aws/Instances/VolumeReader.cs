using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws;

/// <summary>Reads the attributes of volumes in batches.</summary>
internal sealed class VolumeReader(IAmazonEC2 ec2, AwsGateway gateway)
{
    // More ids in one call make EC2 slow and a single bad id more expensive.
    private const int BatchSize = 200;

    /// <summary>Reads what exists of the given volumes; those that are gone are left out.</summary>
    public async Task<IReadOnlyDictionary<string, Volume>> ReadAsync(IReadOnlyList<string> volumeIds, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, Volume>(StringComparer.Ordinal);
        foreach (var batch in volumeIds.Chunk(BatchSize))
        {
            await ReadBatchAsync(batch, found, cancellationToken).ConfigureAwait(false);
        }

        return found;
    }

    /// <summary>Reads the Marketplace product codes of volumes, which no listing returns.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> ReadProductCodesAsync(
        IReadOnlyList<string> volumeIds, CancellationToken cancellationToken)
    {
        var codes = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var id in volumeIds)
        {
            var request = new DescribeVolumeAttributeRequest { VolumeId = id, Attribute = VolumeAttributeName.ProductCodes };
            var response = await gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeVolumeAttribute", id),
                token => ec2.DescribeVolumeAttributeAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            codes[id] = [.. (response.ProductCodes ?? []).Select(code => code.ProductCodeId)];
        }

        return codes;
    }

    // One unknown id fails the whole call, so a batch is halved until the bad ids stand alone.
    private async Task ReadBatchAsync(ArraySegment<string> ids, Dictionary<string, Volume> found, CancellationToken cancellationToken)
    {
        try
        {
            var request = new DescribeVolumesRequest { VolumeIds = [.. ids] };
            var call = new AwsCall("ec2", "DescribeVolumes", ids.Count == 1 ? ids[0] : null);
            var response = await gateway.InvokeAsync(
                call,
                token => ec2.DescribeVolumesAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            foreach (var volume in response.Volumes ?? [])
            {
                found[volume.VolumeId] = volume;
            }
        }
        catch (CoriolisException error) when (AwsErrors.IsNotFound(error))
        {
            if (ids.Count == 1)
            {
                return;
            }

            await ReadBatchAsync(ids[..(ids.Count / 2)], found, cancellationToken).ConfigureAwait(false);
            await ReadBatchAsync(ids[(ids.Count / 2)..], found, cancellationToken).ConfigureAwait(false);
        }
    }
}
