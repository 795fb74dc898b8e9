using Coriolis.Aws.Emulator.Ec2.Encryption;
using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Snapshots;

/// <summary>Who may create volumes from a snapshot.</summary>
internal static class SnapshotAttributes
{
    // The EC2 model: at most 500 modifications in one call.
    private const int MaxModifications = 500;

    private const string Everyone = "all";

    public static void Describe(Ec2Call call)
    {
        var snapshot = ResourceKind.Snapshot.Find(call.State.Snapshots, call.Parameters.Required("SnapshotId"));
        call.Response.Add("snapshotId", snapshot.Id);
        switch (call.Parameters.Required("Attribute"))
        {
            case "createVolumePermission":
                call.Response.AddList("createVolumePermission", snapshot.CreateVolumePermissions, who => call.Response.Add(who == Everyone ? "group" : "userId", who));
                break;
            case "productCodes":
                InstanceXml.WriteProductCodes(call.Response, snapshot.ProductCodes);
                break;
            case var other:
                throw Ec2Errors.InvalidValue($"Value ({other}) for parameter attribute is invalid. Unknown attribute.");
        }
    }

    public static void Modify(Ec2Call call)
    {
        var snapshot = ResourceKind.Snapshot.Find(call.State.Snapshots, call.Parameters.Required("SnapshotId"));
        if (call.Parameters.Text("Attribute") is { } attribute && attribute != "createVolumePermission")
        {
            throw Ec2Errors.InvalidValue($"Value ({attribute}) for parameter attribute is invalid.");
        }

        var (added, removed) = ReadChanges(call);
        if (added.Count > 0 && removed.Count > 0) throw Ec2Errors.InvalidCombination("Permissions cannot be added and removed in one call.");
        if (added.Count + removed.Count == 0) throw Ec2Errors.Missing("CreateVolumePermission");
        if (added.Count + removed.Count > MaxModifications) throw Ec2Errors.InvalidValue($"At most {MaxModifications} modifications are allowed.");
        if (added.Count > 0) CheckShareable(call, snapshot, added);
        call.State.Snapshots[snapshot.Id] = snapshot with
        {
            CreateVolumePermissions = [.. snapshot.CreateVolumePermissions.Union(added).Except(removed)],
        };
        call.Response.AddSuccess();
    }

    private static (List<string> Added, List<string> Removed) ReadChanges(Ec2Call call)
    {
        var permission = call.Parameters.Structure("CreateVolumePermission");
        List<string> Read(string list) =>
            [.. permission.Structures(list).Select(static item => item.Text("Group") ?? item.Text("UserId")).OfType<string>()];
        var (added, removed) = (Read("Add"), Read("Remove"));
        List<string> named = [.. call.Parameters.List("UserId"), .. call.Parameters.List("UserGroup")];
        switch (call.Parameters.Text("OperationType"))
        {
            case "add":
                added.AddRange(named);
                break;
            case "remove":
                removed.AddRange(named);
                break;
            case null when named.Count > 0:
                throw Ec2Errors.Missing("OperationType");
        }

        return (added, removed);
    }

    private static void CheckShareable(Ec2Call call, SnapshotRecord snapshot, List<string> added)
    {
        if (snapshot.Encrypted && KeyResolver.IsDefaultKey(call.Region, snapshot.KmsKeyArn))
        {
            throw Ec2Errors.Create("InvalidParameter", "Encrypted snapshots with EBS default key cannot be shared");
        }

        if (added.Contains(Everyone) && (snapshot.Encrypted || snapshot.ProductCodes.Count > 0))
        {
            throw Ec2Errors.Create("OperationNotPermitted", $"The snapshot '{snapshot.Id}' is encrypted or has product codes and cannot be made public.");
        }
    }
}
