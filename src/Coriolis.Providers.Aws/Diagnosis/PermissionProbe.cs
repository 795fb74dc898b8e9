using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Asks EC2 whether calls would be allowed, without making them: with DryRun set, an allowed call fails with
/// <c>DryRunOperation</c> and a forbidden one with <c>UnauthorizedOperation</c>.
/// </summary>
internal sealed class PermissionProbe(IAmazonEC2 ec2, AwsGateway gateway)
{
    public Task<DoctorFinding> DescribeVolumesAsync(CancellationToken cancellationToken) => ProbeAsync(
        "DescribeVolumes",
        null,
        DoctorVerdict.Failed,
        token => ec2.DescribeVolumesAsync(new DescribeVolumesRequest { DryRun = true }, token),
        cancellationToken);

    public Task<DoctorFinding> DescribeInstanceTypesAsync(CancellationToken cancellationToken) => ProbeAsync(
        "DescribeInstanceTypes",
        null,
        DoctorVerdict.Failed,
        token => ec2.DescribeInstanceTypesAsync(new DescribeInstanceTypesRequest { DryRun = true }, token),
        cancellationToken);

    public Task<DoctorFinding> DescribeImagesAsync(CancellationToken cancellationToken) => ProbeAsync(
        "DescribeImages",
        null,
        DoctorVerdict.Warning,
        token => ec2.DescribeImagesAsync(new DescribeImagesRequest { DryRun = true, Owners = ["self"] }, token),
        cancellationToken);

    public Task<DoctorFinding> CreateSnapshotsAsync(string? instanceId, CancellationToken cancellationToken)
    {
        var request = new CreateSnapshotsRequest
        {
            DryRun = true,
            InstanceSpecification = new InstanceSpecification { InstanceId = instanceId },
            TagSpecifications =
            [
                new TagSpecification
                {
                    ResourceType = ResourceType.Snapshot,
                    // What the policy of iam-policy asks of a new snapshot.
                    Tags = [new Tag(SnapshotTags.Owner, "doctor"), new Tag(SnapshotTags.Role, SnapshotTags.CaptureRole)],
                },
            ],
        };
        return instanceId is null
            ? Skip("CreateSnapshots", "instance")
            : ProbeAsync(
                "CreateSnapshots",
                instanceId,
                DoctorVerdict.Failed,
                token => ec2.CreateSnapshotsAsync(request, token),
                cancellationToken);
    }

    public Task<DoctorFinding> StopInstancesAsync(string? instanceId, CancellationToken cancellationToken) => instanceId is null
        ? Skip("StopInstances", "instance")
        : ProbeAsync(
            "StopInstances",
            instanceId,
            DoctorVerdict.Warning,
            token => ec2.StopInstancesAsync(new StopInstancesRequest { DryRun = true, InstanceIds = [instanceId] }, token),
            cancellationToken);

    public Task<DoctorFinding> StartInstancesAsync(string? instanceId, CancellationToken cancellationToken) => instanceId is null
        ? Skip("StartInstances", "instance")
        : ProbeAsync(
            "StartInstances",
            instanceId,
            DoctorVerdict.Warning,
            token => ec2.StartInstancesAsync(new StartInstancesRequest { DryRun = true, InstanceIds = [instanceId] }, token),
            cancellationToken);

    public Task<DoctorFinding> CreateTagsAsync(string? snapshotId, CancellationToken cancellationToken) => snapshotId is null
        ? Skip("CreateTags", "snapshot of ours")
        : ProbeAsync(
            "CreateTags",
            snapshotId,
            DoctorVerdict.Failed,
            token => ec2.CreateTagsAsync(
                new CreateTagsRequest
                {
                    DryRun = true,
                    Resources = [snapshotId],
                    Tags = [new Tag(SnapshotTags.Role, SnapshotTags.BaselineRole)],
                },
                token),
            cancellationToken);

    public Task<DoctorFinding> DeleteSnapshotAsync(string? snapshotId, CancellationToken cancellationToken) => snapshotId is null
        ? Skip("DeleteSnapshot", "snapshot of ours")
        : ProbeAsync(
            "DeleteSnapshot",
            snapshotId,
            DoctorVerdict.Failed,
            token => ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest { DryRun = true, SnapshotId = snapshotId }, token),
            cancellationToken);

    private static Task<DoctorFinding> Skip(string operation, string missing) =>
        Task.FromResult(new DoctorFinding($"ec2:{operation}", DoctorVerdict.Skipped, $"There is no {missing} to try it on."));

    private async Task<DoctorFinding> ProbeAsync<T>(
        string operation, string? id, DoctorVerdict whenDenied, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        var call = new AwsCall("ec2", operation, id);
        try
        {
            await gateway.InvokeAsync(call, send, cancellationToken).ConfigureAwait(false);
            return new DoctorFinding(call.Permission, DoctorVerdict.Ok, "Allowed.");
        }
        catch (CoriolisException error) when (error.ErrorCode == "DryRunOperation")
        {
            return new DoctorFinding(call.Permission, DoctorVerdict.Ok, "Allowed.");
        }
        catch (SourceAccessDeniedException error)
        {
            var what = whenDenied == DoctorVerdict.Warning ? "Not allowed; only some runs need it: " : "Not allowed: ";
            return new DoctorFinding(call.Permission, whenDenied, what + error.ErrorCode, error.Remedy);
        }
        catch (CoriolisException error)
        {
            return new DoctorFinding(call.Permission, DoctorVerdict.Skipped, $"Could not be tried: {error.Message}");
        }
    }
}
