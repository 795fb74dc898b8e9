using System.Text.Json;

namespace Coriolis.Aws.Emulator.Tests.Calls;

internal sealed class CallLogTests
{
    [Test]
    public void Append_AnyCall_IsCountedKeptAndWrittenAsOneJsonLine()
    {
        using var folder = new Storage.TemporaryFolder();
        var path = Path.Combine(folder.Path, "calls.jsonl");
        var log = new CallLog(path);

        log.Append(Call("ebs", "GetSnapshotBlock") with { Fault = FaultKind.TornBody, ResourceIds = ["snap-1"] });
        log.Append(Call("ebs", "GetSnapshotBlock"));
        log.Append(Call("ec2", "CreateSnapshots"));
        log.Close();

        Assert.That(log.GetLatest(), Has.Count.EqualTo(3));
        Assert.That(log.GetCounts(), Is.EqualTo(new Dictionary<string, long> { ["ebs:GetSnapshotBlock"] = 2, ["ec2:CreateSnapshots"] = 1 }));
        var lines = File.ReadAllLines(path);
        Assert.That(lines, Has.Length.EqualTo(3));
        using var first = JsonDocument.Parse(lines[0]);
        Assert.That(first.RootElement.GetProperty("operation").GetString(), Is.EqualTo("GetSnapshotBlock"));
        Assert.That(first.RootElement.GetProperty("fault").GetString(), Is.EqualTo("tornBody"));
        Assert.That(first.RootElement.GetProperty("resourceIds")[0].GetString(), Is.EqualTo("snap-1"));
    }

    [Test]
    public void Append_ManyCalls_KeepsTheLatestAndCountsAll()
    {
        var log = new CallLog(null);

        for (var number = 0; number < 20_005; number++)
        {
            log.Append(Call("ebs", "GetSnapshotBlock") with { RequestId = $"{number}" });
        }

        Assert.That(log.GetLatest(), Has.Count.EqualTo(20_000));
        Assert.That(log.GetLatest()[^1].RequestId, Is.EqualTo("20004"));
        Assert.That(log.GetCounts()["ebs:GetSnapshotBlock"], Is.EqualTo(20_005));
    }

    private static RecordedCall Call(string service, string operation) => new()
    {
        Time = DateTimeOffset.UnixEpoch,
        Service = service,
        Operation = operation,
        Region = "eu-west-1",
        AccessKeyId = "AKIA",
        Status = 200,
        RequestId = "1",
    };
}
