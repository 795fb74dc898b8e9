using System.IO.Enumeration;
using Coriolis.Aws.Emulator.Workers;

namespace Coriolis.Aws.Emulator.Faults;

/// <summary>Finds rules that could never apply, so that a typing error is not a test that passes.</summary>
internal static class FaultRuleCheck
{
    private static readonly string[] s_services = ["ec2", "ebs", "kms", "sts"];

    /// <summary>Returns what is wrong with the rule, or null.</summary>
    public static string? Explain(FaultRule rule)
    {
        var parts = rule.Operation.Split(':');
        if (rule.Operation != "*" && (parts.Length != 2 || parts[1].Length == 0 || !(parts[0].Contains('*') || s_services.Contains(parts[0]))))
        {
            return $"operation '{rule.Operation}' is not of the form service:Operation with a service of ec2, ebs, kms, sts (or '*')";
        }

        return rule switch
        {
            { Skip: < 0 } => $"skip is {rule.Skip}; it must be 0 or more",
            { Count: < 1 } => $"count is {rule.Count}; it must be 1 or more, or left out for no limit",
            { Status: < 500 or > 599 } => $"status is {rule.Status}; it must be between 500 and 599",
            { Duration.Ticks: < 0 } => $"the duration is {rule.Duration}; it must not be negative",
            { AfterBytes: < 0 } => $"afterBytes is {rule.AfterBytes}; it must be 0 or more",
            { BytesPerSecond: < 1 } => $"bytesPerSecond is {rule.BytesPerSecond}; it must be 1 or more",
            _ when !Enum.IsDefined(rule.Kind) => $"kind {(int)rule.Kind} is not defined",
            _ when OperationsOf(rule.Kind) is { } operations && !operations.Any(operation => FileSystemName.MatchesSimpleExpression(rule.Operation, operation)) =>
                $"operation '{rule.Operation}' never has a fault of the kind {rule.Kind}; it is one of {string.Join(", ", operations)}",
            { ResourceId: { } id } when !NamesResources(rule) => $"resourceId is '{id}'; a call that has a fault of the kind {rule.Kind} names no resource",
            _ => null,
        };
    }

    /// <summary>The calls that a fault of a kind can happen to; null when it can happen to any.</summary>
    private static string[]? OperationsOf(FaultKind kind) => kind switch
    {
        FaultKind.ShortPage or FaultKind.EmptyPage => ["ebs:ListSnapshotBlocks", "ebs:ListChangedBlocks"],
        FaultKind.StuckSnapshot or FaultKind.FailedSnapshot => ["ec2:CreateSnapshot", "ec2:CreateSnapshots", "ebs:CompleteSnapshot"],
        FaultKind.FailedVolume => ["ec2:CreateVolume"],
        FaultKind.StuckAttachment => ["ec2:AttachVolume"],
        FaultKind.DisabledKey =>
        [
            "ebs:ListSnapshotBlocks", "ebs:ListChangedBlocks", "ebs:GetSnapshotBlock", "ebs:StartSnapshot", "ebs:PutSnapshotBlock",
            "ebs:CompleteSnapshot", "ec2:CreateVolume", "kms:DescribeKey",
        ],
        _ when MachineFault.IsOfMachine(kind) => ["ec2:RunInstances"],
        _ => null,
    };

    // What does not exist yet has no id.
    private static bool NamesResources(FaultRule rule) =>
        rule.Kind != FaultKind.FailedVolume && !MachineFault.IsOfMachine(rule.Kind) && rule is not { Kind: FaultKind.DisabledKey, Operation: "ec2:CreateVolume" };
}
