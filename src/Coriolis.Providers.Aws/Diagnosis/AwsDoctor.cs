using System.Runtime.CompilerServices;
using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Amazon.SecurityToken.Model;

namespace Coriolis.Providers.Aws;

/// <summary>Checks, without changing anything, whether replication will work with a connection.</summary>
/// <remarks>Thread safety: may be used concurrently. Creates and deletes nothing: permissions are probed with dry runs.</remarks>
public sealed class AwsDoctor
{
    private readonly AwsClients _clients;
    private readonly AwsGateway _gateway;
    private readonly PermissionProbe _permissions;
    private readonly BlockApiProbe _blocks;

    internal AwsDoctor(AwsClients clients, AwsGateway gateway, BlockApiProbe blocks)
    {
        _clients = clients;
        _gateway = gateway;
        _blocks = blocks;
        _permissions = new PermissionProbe(clients.Ec2, gateway);
    }

    /// <summary>Runs all checks, one after the other. A failed check is a finding, never an exception.</summary>
    /// <param name="cancellationToken">Cancels the diagnosis.</param>
    /// <returns>The findings, as they are made.</returns>
    public async IAsyncEnumerable<DoctorFinding> DiagnoseAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (credentials, accountId) = await CheckCredentialsAsync(cancellationToken).ConfigureAwait(false);
        yield return credentials;
        yield return new DoctorFinding("region", DoctorVerdict.Ok, $"{_gateway.Region}.");
        yield return DescribeEndpoints();
        if (accountId is null)
        {
            yield break;
        }

        var (instances, instanceId) = await FindInstanceAsync(cancellationToken).ConfigureAwait(false);
        yield return instances;
        var (snapshots, ours, readable, isOurs) = await FindSnapshotsAsync(cancellationToken).ConfigureAwait(false);
        yield return snapshots;
        yield return await _permissions.DescribeVolumesAsync(cancellationToken).ConfigureAwait(false);
        yield return await _permissions.DescribeInstanceTypesAsync(cancellationToken).ConfigureAwait(false);
        yield return await _permissions.DescribeImagesAsync(cancellationToken).ConfigureAwait(false);
        yield return await _permissions.CreateSnapshotsAsync(instanceId, cancellationToken).ConfigureAwait(false);
        yield return await _permissions.CreateTagsAsync(ours, cancellationToken).ConfigureAwait(false);
        yield return await _permissions.DeleteSnapshotAsync(ours, cancellationToken).ConfigureAwait(false);
        yield return await _permissions.StopInstancesAsync(instanceId, cancellationToken).ConfigureAwait(false);
        yield return await _permissions.StartInstancesAsync(instanceId, cancellationToken).ConfigureAwait(false);
        yield return await CheckBlocksAsync(accountId, readable, isOurs, cancellationToken).ConfigureAwait(false);
        var (encryption, keyId) = await CheckEncryptionAsync(cancellationToken).ConfigureAwait(false);
        yield return encryption;
        yield return await CheckKeyAsync(keyId, cancellationToken).ConfigureAwait(false);
    }

    private DoctorFinding DescribeEndpoints()
    {
        const string Check = "endpoints";
        try
        {
            string[] urls =
            [
                _clients.Ec2.DetermineServiceOperationEndpoint(new DescribeInstancesRequest()).URL,
                _blocks.Url,
                _clients.Kms.DetermineServiceOperationEndpoint(new DescribeKeyRequest()).URL,
                _clients.Sts.DetermineServiceOperationEndpoint(new GetCallerIdentityRequest()).URL,
            ];
            var different = urls.Select(url => url.TrimEnd('/')).Distinct().ToList();
            return new DoctorFinding(Check, DoctorVerdict.Ok, $"{string.Join(", ", different)}.");
        }
        catch (AmazonClientException error)
        {
            return new DoctorFinding(Check, DoctorVerdict.Failed, error.Message, "Check the FIPS, dual-stack and endpoint settings.");
        }
    }

    private async Task<(DoctorFinding Finding, string? AccountId)> CheckCredentialsAsync(CancellationToken cancellationToken)
    {
        string? accountId = null;
        var finding = await TryAsync("credentials", async () =>
        {
            var identity = await _gateway.InvokeAsync(
                new AwsCall("sts", "GetCallerIdentity"),
                token => _clients.Sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), token),
                cancellationToken).ConfigureAwait(false);
            accountId = identity.Account;
            return new DoctorFinding("credentials", DoctorVerdict.Ok, $"{identity.Arn}, account {identity.Account}.");
        }).ConfigureAwait(false);
        return (finding, accountId);
    }

    private async Task<(DoctorFinding Finding, string? InstanceId)> FindInstanceAsync(CancellationToken cancellationToken)
    {
        string? id = null;
        var finding = await TryAsync("ec2:DescribeInstances", async () =>
        {
            var request = new DescribeInstancesRequest { Filters = [InstanceLister.NotTerminated], MaxResults = 5 };
            var response = await _gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeInstances"),
                token => _clients.Ec2.DescribeInstancesAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            id = response.Reservations?.SelectMany(r => r.Instances ?? []).FirstOrDefault()?.InstanceId;
            return id is null
                ? new DoctorFinding(
                    "ec2:DescribeInstances", DoctorVerdict.Warning, $"Allowed, but there is no instance in {_gateway.Region}.", "Check the region.")
                : new DoctorFinding("ec2:DescribeInstances", DoctorVerdict.Ok, "Allowed.");
        }).ConfigureAwait(false);
        return (finding, id);
    }

    private async Task<(DoctorFinding Finding, string? Ours, string? Readable, bool IsOurs)> FindSnapshotsAsync(CancellationToken cancellationToken)
    {
        (string? Ours, string? Readable, bool IsOurs) found = default;
        var finding = await TryAsync("ec2:DescribeSnapshots", async () =>
        {
            var request = new DescribeSnapshotsRequest { OwnerIds = ["self"], MaxResults = 1000 };
            var response = await _gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeSnapshots"),
                token => _clients.Ec2.DescribeSnapshotsAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            var ours = (response.Snapshots ?? []).Where(s => Ec2Names.TagValue(s.Tags, SnapshotTags.Owner) is not null).ToList();
            var readable = ours.Concat(response.Snapshots ?? [])
                .FirstOrDefault(s => s.State == SnapshotState.Completed && s.StorageTier != StorageTier.Archive);
            found = (ours.FirstOrDefault()?.SnapshotId, readable?.SnapshotId, readable is not null && ours.Contains(readable));
            return new DoctorFinding("ec2:DescribeSnapshots", DoctorVerdict.Ok, "Allowed.");
        }).ConfigureAwait(false);
        return (finding, found.Ours, found.Readable, found.IsOurs);
    }

    // Whoever may not use the block API still has the workers.
    private async Task<DoctorFinding> CheckBlocksAsync(string accountId, string? snapshotId, bool isOurs, CancellationToken cancellationToken)
    {
        var finding = await _blocks.ProbeAsync(accountId, snapshotId, isOurs, cancellationToken).ConfigureAwait(false);
        return finding.Verdict == DoctorVerdict.Failed
            ? finding with { Verdict = DoctorVerdict.Warning, Message = "Disks can only be read through workers: " + finding.Message }
            : finding;
    }

    private async Task<(DoctorFinding Finding, string? KeyId)> CheckEncryptionAsync(CancellationToken cancellationToken)
    {
        string? keyId = null;
        var finding = await TryAsync("encryption by default", async () =>
        {
            var byDefault = await _gateway.InvokeAsync(
                new AwsCall("ec2", "GetEbsEncryptionByDefault"),
                token => _clients.Ec2.GetEbsEncryptionByDefaultAsync(new GetEbsEncryptionByDefaultRequest(), token),
                cancellationToken).ConfigureAwait(false);
            var key = await _gateway.InvokeAsync(
                new AwsCall("ec2", "GetEbsDefaultKmsKeyId"),
                token => _clients.Ec2.GetEbsDefaultKmsKeyIdAsync(new GetEbsDefaultKmsKeyIdRequest(), token),
                cancellationToken).ConfigureAwait(false);
            keyId = key.KmsKeyId;
            var state = byDefault.EbsEncryptionByDefault == true ? "On" : "Off";
            return new DoctorFinding("encryption by default", DoctorVerdict.Ok, $"{state}, with the key {keyId}.");
        }).ConfigureAwait(false);

        // Only informative: reading encrypted volumes depends on their own keys.
        return (finding.Verdict == DoctorVerdict.Failed ? finding with { Verdict = DoctorVerdict.Warning } : finding, keyId);
    }

    private async Task<DoctorFinding> CheckKeyAsync(string? keyId, CancellationToken cancellationToken)
    {
        var finding = await TryAsync("kms:DescribeKey", async () =>
        {
            var request = new DescribeKeyRequest { KeyId = keyId ?? "alias/aws/ebs" };
            var response = await _gateway.InvokeAsync(
                new AwsCall("kms", "DescribeKey", request.KeyId),
                token => _clients.Kms.DescribeKeyAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            var key = response.KeyMetadata;
            return key.KeyState == KeyState.Enabled
                ? new DoctorFinding("kms:DescribeKey", DoctorVerdict.Ok, $"{key.Arn} is enabled.")
                : new DoctorFinding(
                    "kms:DescribeKey",
                    DoctorVerdict.Warning,
                    $"{key.Arn} is in the state {key.KeyState?.Value}.",
                    "Enable it before its volumes are read.");
        }).ConfigureAwait(false);
        return finding.Verdict == DoctorVerdict.Failed
            ? finding with { Verdict = DoctorVerdict.Warning, Message = "Needed for encrypted volumes only: " + finding.Message }
            : finding;
    }

    private static async Task<DoctorFinding> TryAsync(string check, Func<Task<DoctorFinding>> examine)
    {
        try
        {
            return await examine().ConfigureAwait(false);
        }
        catch (CoriolisException error)
        {
            return new DoctorFinding(check, DoctorVerdict.Failed, error.Message, error.Remedy);
        }
    }
}
