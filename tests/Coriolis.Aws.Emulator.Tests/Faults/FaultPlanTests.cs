namespace Coriolis.Aws.Emulator.Tests.Faults;

internal sealed class FaultPlanTests
{
    [Test]
    public void Take_SkipAndCount_AppliesToTheCallsBetween()
    {
        var plan = new FaultPlan();
        plan.Add(new FaultRule { Operation = "ebs:Get*", Kind = FaultKind.Throttle, Skip = 2, Count = 3 });

        var taken = Enumerable.Range(0, 7).Select(_ => plan.Take("ebs:GetSnapshotBlock", "snap-1", FaultKind.Throttle) is not null);

        Assert.That(string.Join(' ', taken), Is.EqualTo("False False True True True False False"));
        Assert.That(plan.Rules, Is.Empty);
    }

    [Test]
    public void Take_OtherOperationResourceOrKind_DoesNotUseTheRule()
    {
        var plan = new FaultPlan();
        plan.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Throttle, ResourceId = "snap-1", Count = 1 });

        Assert.That(plan.Take("ebs:ListSnapshotBlocks", "snap-1", FaultKind.Throttle), Is.Null);
        Assert.That(plan.Take("ebs:GetSnapshotBlock", "snap-2", FaultKind.Throttle), Is.Null);
        Assert.That(plan.Take("ebs:GetSnapshotBlock", "snap-1", FaultKind.Hang), Is.Null);
        Assert.That(plan.Take("ebs:GetSnapshotBlock", "snap-1", FaultKind.Throttle), Is.Not.Null);
    }

    [Test]
    public void Load_AllMembers_AreRead()
    {
        var plan = Load("""
            { "rules": [ { "operation": "ec2:CreateSnapshots", "kind": "lateConsistency", "resourceId": "i-1", "skip": 1, "count": 2,
                           "durationSeconds": 1.5, "afterBytes": 3, "bytesPerSecond": 4, "status": 503, "code": "X", "reason": "Y" } ] }
            """);

        Assert.That(plan.Rules, Is.EqualTo(new List<FaultRule>
        {
            new()
            {
                Operation = "ec2:CreateSnapshots",
                Kind = FaultKind.LateConsistency,
                ResourceId = "i-1",
                Skip = 1,
                Count = 2,
                Duration = TimeSpan.FromSeconds(1.5),
                AfterBytes = 3,
                BytesPerSecond = 4,
                Status = 503,
                Code = "X",
                Reason = "Y",
            },
        }));
    }

    [TestCase("""{ "rules": [ { "operation": "ebs:*", "kind": "trottle" } ] }""", "rules[0].kind")]
    [TestCase("""{ "rules": [ { "operation": "ebs:*", "kind": 3 } ] }""", "rules[0].kind")]
    [TestCase("""{ "rules": [ { "kind": "throttle" } ] }""", "operation")]
    [TestCase("""{ "rules": [ { "operation": "ebs:*", "kind": "throttle", "times": 1 } ] }""", "times")]
    [TestCase("""{ "rules": [ { "operation": "GetSnapshotBlock", "kind": "throttle" } ] }""", "rules[0]: operation 'GetSnapshotBlock'")]
    [TestCase("""{ "rules": [ { "operation": "s3:*", "kind": "throttle" } ] }""", "operation 's3:*'")]
    [TestCase("""{ "rules": [ { "operation": "*", "kind": "throttle", "count": 0 } ] }""", "count is 0")]
    [TestCase("""{ "rules": [ { "operation": "*", "kind": "throttle", "skip": -1 } ] }""", "skip is -1")]
    [TestCase("""{ "rules": [ { "operation": "*", "kind": "serverError", "status": 404 } ] }""", "status is 404")]
    [TestCase("""{ "rules": [ { "operation": "*", "kind": "slowDisk", "bytesPerSecond": 0 } ] }""", "bytesPerSecond is 0")]
    [TestCase("""{ "rules": [ { "operation": "ec2:DescribeVolumes", "kind": "shortPage" } ] }""", "one of ebs:ListSnapshotBlocks, ebs:ListChangedBlocks")]
    [TestCase("""{ "rules": [ { "operation": "ebs:GetSnapshotBlock", "kind": "emptyPage" } ] }""", "'ebs:GetSnapshotBlock' never has a fault of the kind EmptyPage")]
    [TestCase("""{ "rules": [ { "operation": "ec2:RunInstances", "kind": "failedVolume" } ] }""", "one of ec2:CreateVolume")]
    [TestCase("""{ "rules": [ { "operation": "ec2:CreateVolume", "kind": "noBoot" } ] }""", "one of ec2:RunInstances")]
    [TestCase("""{ "rules": [ { "operation": "ec2:CreateVolume", "kind": "failedVolume", "resourceId": "vol-1" } ] }""", "resourceId is 'vol-1'")]
    [TestCase("""{ "rules": 1 }""", "$.rules")]
    [TestCase("""null""", "null")]
    [TestCase("""{""", "'faults.json'")]
    public void Load_Invalid_SaysWhatAndWhere(string json, string expected) =>
        Assert.That(() => Load(json), Throws.TypeOf<FormatException>().With.Message.Contains(expected).And.Message.Contains("faults.json"));

    [TestCase("*", FaultKind.ShortPage)]
    [TestCase("ebs:List*", FaultKind.EmptyPage)]
    [TestCase("ec2:Create*", FaultKind.FailedVolume)]
    [TestCase("ec2:CreateSnapshots", FaultKind.StuckSnapshot)]
    [TestCase("*", FaultKind.LostDisk)]
    [TestCase("ec2:DescribeVolumes", FaultKind.ServerError)]
    public void Add_PatternThatMatchesAnOperationOfTheKind_IsAccepted(string operation, FaultKind kind)
    {
        var plan = new FaultPlan();

        plan.Add(new FaultRule { Operation = operation, Kind = kind });

        Assert.That(plan.Rules, Has.Count.EqualTo(1));
    }

    private static FaultPlan Load(string json)
    {
        using var folder = new Storage.TemporaryFolder();
        var path = Path.Combine(folder.Path, "faults.json");
        File.WriteAllText(path, json);
        try
        {
            return FaultPlan.Load(path);
        }
        catch (FormatException e)
        {
            throw new FormatException(e.Message.Replace(path, "faults.json", StringComparison.Ordinal));
        }
    }
}
