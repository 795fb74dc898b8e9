using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Looks at the key of every encrypted volume before anything is created: a snapshot that cannot be decrypted is worth
/// nothing, and finding out later costs money and time.
/// </summary>
internal sealed class KeyInspector(IAmazonKeyManagementService kms, AwsGateway gateway, ILogger logger)
{
    public async Task CheckAsync(IEnumerable<SourceDisk> disks, CancellationToken cancellationToken)
    {
        foreach (var key in disks.Where(disk => disk is { Encrypted: true, KmsKeyId: not null }).GroupBy(disk => disk.KmsKeyId!))
        {
            await CheckAsync(key.Key, [.. key.Select(disk => disk.Id)], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Describes a key.</summary>
    /// <param name="keyId">An id (also of a multi-Region key, <c>mrk-…</c>), an ARN, an alias or the ARN of an alias.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<KeyMetadata> DescribeAsync(string keyId, CancellationToken cancellationToken)
    {
        var request = new DescribeKeyRequest { KeyId = keyId };
        var response = await gateway.InvokeAsync(
            new AwsCall("kms", "DescribeKey", keyId),
            token => kms.DescribeKeyAsync(request, token),
            cancellationToken).ConfigureAwait(false);
        return response.KeyMetadata;
    }

    private async Task CheckAsync(string keyId, IReadOnlyList<string> volumeIds, CancellationToken cancellationToken)
    {
        var volumes = string.Join(", ", volumeIds);
        KeyMetadata key;
        try
        {
            key = await DescribeAsync(keyId, cancellationToken).ConfigureAwait(false);
        }
        catch (SourceAccessDeniedException error)
        {
            throw new SourceAccessDeniedException($"The key {keyId} of {volumes} cannot be inspected.", error)
            {
                ResourceId = keyId,
                ErrorCode = error.ErrorCode,
                RequestId = error.RequestId,
                Remedy = "Allow kms:DescribeKey and kms:Decrypt on the key, in its key policy or in the policy of the caller.",
            };
        }
        catch (SourceException error) when (error.ErrorCode == "NotFoundException")
        {
            throw new SourceException($"The key {keyId} of {volumes} does not exist: its volumes cannot be read.", error)
            {
                ResourceId = keyId,
                ErrorCode = error.ErrorCode,
                RequestId = error.RequestId,
                Remedy = "Exclude these disks.",
            };
        }

        if (key.KeyState != KeyState.Enabled)
        {
            throw new SourceException($"The key {key.Arn} of {volumes} is in the state {key.KeyState?.Value}: its volumes cannot be read.")
            {
                ResourceId = key.Arn,
                ErrorCode = key.KeyState?.Value,
                Remedy = key.KeyState == KeyState.PendingDeletion
                    ? "Cancel the deletion (kms:CancelKeyDeletion) and enable the key (kms:EnableKey); reading needs kms:Decrypt."
                    : "Enable the key (kms:EnableKey); reading needs kms:Decrypt.",
            };
        }

        logger.KeyChecked(key.Arn, key.KeyManager?.Value, volumes);
    }
}
