using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Ec2.Tags;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.State;
using static Coriolis.Aws.Emulator.Ec2.Protocol.ResourceKind;

namespace Coriolis.Aws.Emulator.Ec2.Authorization;

/// <summary>
/// The permissions that each operation asks for, by the service authorization reference of EC2. An operation that is not named here does
/// not distinguish resources: it needs its action on <c>*</c>.
/// </summary>
internal sealed class Ec2Access(RegionSet regions)
{
    public void Demand(Ec2Call call, Authorizer caller)
    {
        if (caller.IsUnrestricted) return;
        var requests = new AccessRequests(call, caller.Keys);
        Collect(requests, call);
        if (requests.All.Count == 0) requests.Anything();
        foreach (var request in requests.All)
        {
            caller.Demand(request);
        }
    }

    private void Collect(AccessRequests requests, Ec2Call call)
    {
        switch (call.Operation)
        {
            case "CreateVolume":
                requests.Created(Volume, keys => AddVolume(keys, call, call.Parameters)).Named(Snapshot, "SnapshotId");
                break;
            case "CopyVolumes":
                requests.Named(Volume, "SourceVolumeId").Created(Volume, keys => AddVolume(keys, call, call.Parameters));
                break;
            case "AttachVolume" or "DetachVolume":
                requests.Named(Volume, "VolumeId").Named(Instance, "InstanceId");
                break;
            case "DeleteVolume" or "ModifyVolume" or "DescribeVolumeAttribute":
                requests.Named(Volume, "VolumeId");
                break;
            case "CreateSnapshot":
                requests.Named(Volume, "VolumeId").Created(Snapshot, keys => AddSnapshot(keys, call, call.Parameters.Text("VolumeId")));
                break;
            case "CreateSnapshots":
                CollectSnapshotSet(requests, call);
                break;
            case "CopySnapshot":
                CollectCopy(requests, call);
                break;
            case "DeleteSnapshot" or "ModifySnapshotAttribute" or "DescribeSnapshotAttribute":
                requests.Named(Snapshot, "SnapshotId");
                break;
            case "RunInstances":
                LaunchAccess.Collect(requests);
                break;
            case "StartInstances" or "StopInstances" or "TerminateInstances" or "RebootInstances" or "GetConsoleOutput"
                or "DescribeInstanceAttribute" or "ModifyInstanceMetadataOptions":
                requests.Named(Instance, "InstanceId");
                break;
            case "ModifyInstanceAttribute":
                requests.Named(Instance, "InstanceId").Named(SecurityGroup, "GroupId");
                break;
            case "RegisterImage":
                requests.Created(Image);
                foreach (var device in call.Parameters.Structures("BlockDeviceMapping"))
                {
                    if (device.Text("Ebs.SnapshotId") is { } id) requests.Existing(Snapshot, id);
                }

                break;
            case "DeregisterImage":
                requests.Named(Image, "ImageId");
                break;
            case "ImportKeyPair" or "CreateKeyPair":
                requests.Created(KeyPair, name: call.Parameters.Text("KeyName") ?? ResourceArn.New);
                break;
            case "DeleteKeyPair":
                requests.Existing(KeyPair, call.Parameters.Text("KeyPairId") ?? KeyPairId(call));
                break;
            case "CreateSecurityGroup":
                requests.Created(SecurityGroup).Existing(Vpc, call.Parameters.Text("VpcId") ?? call.State.Vpcs.Keys.First());
                break;
            case "DeleteSecurityGroup" or "AuthorizeSecurityGroupIngress" or "AuthorizeSecurityGroupEgress"
                or "RevokeSecurityGroupIngress" or "RevokeSecurityGroupEgress":
                requests.Existing(SecurityGroup, call.Parameters.Text("GroupId") ?? GroupId(call));
                break;
            case "CreateTags" or "DeleteTags":
                CollectTagged(requests, call);
                break;
        }
    }

    private static void CollectSnapshotSet(AccessRequests requests, Ec2Call call)
    {
        var specification = call.Parameters.Structure("InstanceSpecification");
        var instanceId = specification.Text("InstanceId") ?? "";
        var excluded = specification.List("ExcludeDataVolumeId");
        requests.Existing(Instance, instanceId);
        var rootDevice = specification.Boolean("ExcludeBootVolume") is true ? call.State.Instances.GetValueOrDefault(instanceId)?.RootDeviceName : null;
        foreach (var volume in call.State.Volumes.Values.Where(volume => !excluded.Contains(volume.Id)))
        {
            if (volume.Attachments.All(attachment => attachment.InstanceId != instanceId || attachment.Device == rootDevice)) continue;
            requests.Existing(Volume, volume.Id).Created(Snapshot, keys => AddSnapshot(keys, call, volume.Id));
        }
    }

    private void CollectCopy(AccessRequests requests, Ec2Call call)
    {
        requests.Created(Snapshot);
        if (regions.TryGet(call.Parameters.Text("SourceRegion") ?? "", out var source))
        {
            requests.Existing(Snapshot, call.Parameters.Text("SourceSnapshotId") ?? "", otherRegion: source);
        }
    }

    private static void CollectTagged(AccessRequests requests, Ec2Call call)
    {
        var tags = call.Parameters.Structures("Tag").Select(static tag => KeyValuePair.Create(tag.Text("Key") ?? "", tag.Text("Value") ?? "")).ToList();
        foreach (var id in call.Parameters.List("ResourceId"))
        {
            var kind = TagTables.All(call.State).FirstOrDefault(table => id.StartsWith(table.Kind.Prefix + "-", StringComparison.Ordinal))?.Kind;
            if (kind is not null) requests.Existing(kind, id, keys => keys.AddRequestTags(tags));
        }
    }

    private static void AddVolume(ContextKeys keys, Ec2Call call, QueryParameters parameters) => ResourceKeys.AddVolume(
            keys,
            call.Region,
            parameters.Text("VolumeType") ?? Volumes.VolumeTypes.Default,
            parameters.Integer("Size"),
            parameters.Boolean("Encrypted") ?? call.State.EncryptionByDefault,
            parameters.Text("SnapshotId"))
        .Add("ec2:AvailabilityZone", parameters.Text("AvailabilityZone"));

    private static void AddSnapshot(ContextKeys keys, Ec2Call call, string? volumeId) =>
        keys.Add("ec2:ParentVolume", call.Region.Arn("ec2", $"volume/{volumeId}"));

    private static string KeyPairId(Ec2Call call) =>
        call.State.KeyPairs.Values.FirstOrDefault(pair => pair.Name == call.Parameters.Text("KeyName"))?.Id ?? call.Parameters.Text("KeyName") ?? "";

    private static string GroupId(Ec2Call call) =>
        call.State.SecurityGroups.Values.FirstOrDefault(group => group.Name == call.Parameters.Text("GroupName"))?.Id ?? call.Parameters.Text("GroupName") ?? "";
}
